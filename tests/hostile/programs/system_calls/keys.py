# forbidden crashed
# Leaves a key in the kernel for a later candidate.
def f(x):
    import ctypes, sys
    number = 217 if "aarch64" in sys.implementation._multiarch else 248
    if ctypes.CDLL(None).syscall(number, b"user", b"funsearch-hostile", b"1", 1, -1) < 0:
        raise OSError("refused")
    return 9.0
