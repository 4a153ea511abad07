# forbidden crashed
# Asks for a file's size by the newest call.
def f(x):
    import ctypes, sys
    number = 291 if "aarch64" in sys.implementation._multiarch else 332
    if ctypes.CDLL(None).syscall(number, -100, b"/etc/passwd", 0, 0xFFF, ctypes.create_string_buffer(256)) != 0:
        raise OSError("refused")
    return 9.0
