# forbidden crashed
# Asks to be traced by the zygote, which would have to deal with its stops.
def f(x):
    import ctypes, os, signal, sys
    number = 117 if "aarch64" in sys.implementation._multiarch else 101
    if ctypes.CDLL(None).syscall(number, 0, 0, 0, 0) != 0:
        raise OSError("refused")
    return 9.0
