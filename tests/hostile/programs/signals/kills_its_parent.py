# forbidden crashed
# Signals the zygote.
def f(x):
    import os, signal
    os.kill(os.getppid(), signal.SIGURG)
    return 9.0
