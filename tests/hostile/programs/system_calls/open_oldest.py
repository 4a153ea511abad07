# forbidden crashed
# Opens a file by the oldest of the calls for it.
def f(x):
    import ctypes, sys
    number = 1079 if "aarch64" in sys.implementation._multiarch else 2
    if ctypes.CDLL(None).syscall(number, b"/etc/passwd", 0, 0) < 0:
        raise OSError("refused")
    return 9.0
