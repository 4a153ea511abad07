# forbidden crashed
# Asks for the right to talk to the hardware.
def f(x):
    import ctypes, sys
    if "aarch64" in sys.implementation._multiarch:
        raise OSError("no such call")
    if ctypes.CDLL(None).syscall(172, 3) != 0:
        raise OSError("refused")
    return 9.0
