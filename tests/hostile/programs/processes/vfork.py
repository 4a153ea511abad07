# forbidden crashed
# Starts a process by vfork, which only some filters know.
def f(x):
    import ctypes, os, sys
    if "aarch64" in sys.implementation._multiarch:
        raise OSError("no such call")
    pid = ctypes.CDLL(None).syscall(58)
    if pid == 0:
        os._exit(0)
    if pid < 0:
        raise OSError("refused")
    return 9.0
