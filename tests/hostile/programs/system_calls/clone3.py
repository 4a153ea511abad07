# forbidden crashed
# Starts a process by the call whose arguments a filter cannot see.
def f(x):
    import ctypes, os
    arguments = (ctypes.c_uint64 * 11)(0, 0, 0, 0, 17)
    pid = ctypes.CDLL(None).syscall(435, arguments, 88)
    if pid == 0:
        os._exit(0)
    if pid < 0:
        raise OSError("refused")
    return 9.0
