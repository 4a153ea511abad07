# forbidden crashed
# Signals every process there is.
def f(x):
    import os, signal
    os.kill(-1, signal.SIGURG)
    return 9.0
