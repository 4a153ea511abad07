# timeout crashed forbidden
# Pretends that it used up its processor time.
def f(x):
    import os, signal
    os.kill(os.getpid(), signal.SIGXCPU)
    return 9.0
