# forbidden crashed timeout ok 3.0
# Tries to start threads until one is refused, and carries on.
def f(x):
    import _thread, time
    for _ in range(1000):
        try:
            _thread.start_new_thread(time.sleep, (600,))
        except RuntimeError:
            return 1.0
    return 9.0
