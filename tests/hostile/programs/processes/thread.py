# forbidden crashed
# Starts a thread that outlives the call.
def f(x):
    import threading, time
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    return 9.0
