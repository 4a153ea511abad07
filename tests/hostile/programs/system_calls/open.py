# forbidden crashed
# Opens a file by the system's own call.
def f(x):
    import ctypes, sys
    number = 56 if "aarch64" in sys.implementation._multiarch else 257
    if ctypes.CDLL(None).syscall(number, -100, b"/etc/passwd", 0, 0) < 0:
        raise OSError("refused")
    return 9.0
