# forbidden crashed
# Turns off the randomness of addresses, and makes all memory executable.
def f(x):
    import ctypes
    if ctypes.CDLL(None).personality(0x0040000 | 0x0400000) < 0:
        raise OSError("refused")
    return 9.0
