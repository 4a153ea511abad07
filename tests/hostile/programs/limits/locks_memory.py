# forbidden crashed
# Keeps its memory from being swapped out.
def f(x):
    import ctypes
    if ctypes.CDLL(None).mlockall(3) != 0:
        raise OSError("refused")
    return 9.0
