# forbidden crashed
# Names calls by the numbers of the x32 convention.
def f(x):
    import ctypes
    call = ctypes.CDLL(None).syscall
    if call(0x40000000 + 39) <= 0 and call(0x40000000 + 41, 2, 1, 0) < 0:
        raise OSError("refused")
    return 9.0
