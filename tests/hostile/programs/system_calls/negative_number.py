# forbidden crashed
# Uses the number that tracers use for `none`.
def f(x):
    import ctypes
    if ctypes.CDLL(None).syscall(-1) < 0:
        raise OSError("refused")
    return 9.0
