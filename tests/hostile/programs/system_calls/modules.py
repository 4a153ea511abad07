# forbidden crashed
# Loads an empty module into the kernel.
def f(x):
    import ctypes, sys
    number = 105 if "aarch64" in sys.implementation._multiarch else 175
    if ctypes.CDLL(None).syscall(number, b"", 0, b"") < 0:
        raise OSError("refused")
    return 9.0
