# forbidden crashed
# Asks to handle page faults, also those of the kernel.
def f(x):
    import ctypes, sys
    number = 282 if "aarch64" in sys.implementation._multiarch else 323
    if ctypes.CDLL(None).syscall(number, 1) < 0:
        raise OSError("refused")
    return 9.0
