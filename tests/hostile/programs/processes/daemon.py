# forbidden crashed
# Leaves a process behind, in a session of its own, that outlives its parent.
def f(x):
    import os, time
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.setsid()
            time.sleep(600)
        os._exit(0)
    return 9.0
