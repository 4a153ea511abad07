# forbidden crashed
# Opens a socket by the system's own call.
def f(x):
    import ctypes, sys
    number = 198 if "aarch64" in sys.implementation._multiarch else 41
    if ctypes.CDLL(None).syscall(number, 2, 1, 0) < 0:
        raise OSError("refused")
    return 9.0
