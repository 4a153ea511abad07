# forbidden crashed
# Takes back the promise not to gain privileges.
def f(x):
    import ctypes
    if ctypes.CDLL(None).prctl(38, 0, 0, 0, 0) != 0:
        raise OSError("refused")
    return 9.0
