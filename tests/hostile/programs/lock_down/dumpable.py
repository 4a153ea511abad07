# forbidden crashed
# Lets others look into it, and itself into /proc.
def f(x):
    import ctypes
    if ctypes.CDLL(None).prctl(4, 1, 0, 0, 0) != 0:
        raise OSError("refused")
    return 9.0
