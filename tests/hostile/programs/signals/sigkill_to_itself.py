# crashed forbidden
# Pretends that it was stopped from outside.
def f(x):
    import os, signal
    os.kill(os.getpid(), signal.SIGKILL)
    return 9.0
