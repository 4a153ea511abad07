# forbidden crashed
# Attaches to the zygote.
def f(x):
    import ctypes, os, sys
    number = 117 if "aarch64" in sys.implementation._multiarch else 101
    if ctypes.CDLL(None).syscall(number, 0x4206, os.getppid(), 0, 0) != 0:
        raise OSError("refused")
    return 9.0
