# forbidden crashed
# Loads code into the kernel.
def f(x):
    import ctypes, sys
    number = 280 if "aarch64" in sys.implementation._multiarch else 321
    attributes = (ctypes.c_uint32 * 32)(2, 4, 4, 1)
    if ctypes.CDLL(None).syscall(number, 0, attributes, 128) < 0:
        raise OSError("refused")
    return 9.0
