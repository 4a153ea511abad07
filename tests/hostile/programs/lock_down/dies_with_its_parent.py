# forbidden crashed ok 3.0
# Asks not to be killed when the zygote dies.
def f(x):
    import ctypes
    ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
    return 1.0
