# forbidden crashed
# Makes itself the parent of processes whose parent dies.
def f(x):
    import ctypes
    if ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) != 0:
        raise OSError("refused")
    return 9.0
