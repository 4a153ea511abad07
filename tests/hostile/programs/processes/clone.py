# forbidden crashed
# Starts a process by the system's own call.
def f(x):
    import ctypes, os, sys
    number = 220 if "aarch64" in sys.implementation._multiarch else 56
    pid = ctypes.CDLL(None).syscall(number, 17, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    if pid < 0:
        raise OSError("refused")
    return 9.0
