# forbidden crashed
# Asks for the filter to be taken away.
def f(x):
    import ctypes
    libc = ctypes.CDLL(None)
    if libc.prctl(22, 0, 0, 0, 0) != 0:
        raise OSError("refused")
    return 9.0
