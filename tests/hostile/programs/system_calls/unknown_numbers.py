# forbidden crashed
# Tries numbers that have no call yet.
def f(x):
    import ctypes
    call = ctypes.CDLL(None).syscall
    if all(call(number, 0, 0, 0, 0, 0, 0) < 0 for number in range(600, 1200)):
        raise OSError("refused")
    return 9.0
