# forbidden crashed
# Opens a file by the newest of the calls for it.
def f(x):
    import ctypes
    how = (ctypes.c_uint64 * 3)()
    if ctypes.CDLL(None).syscall(437, -100, b"/etc/passwd", how, 24) < 0:
        raise OSError("refused")
    return 9.0
