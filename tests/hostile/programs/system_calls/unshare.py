# forbidden crashed
# Makes namespaces of its own, in which it would be root.
def f(x):
    import ctypes, sys
    number = 97 if "aarch64" in sys.implementation._multiarch else 272
    if ctypes.CDLL(None).syscall(number, 0x10000000) != 0:
        raise OSError("refused")
    return 9.0
