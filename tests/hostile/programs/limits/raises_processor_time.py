# forbidden crashed timeout
# Lifts its limit on processor time by the system's own call, and spins.
def f(x):
    import ctypes, sys
    number = 261 if "aarch64" in sys.implementation._multiarch else 302
    new = (ctypes.c_uint64 * 2)(2 ** 64 - 1, 2 ** 64 - 1)
    if ctypes.CDLL(None).syscall(number, 0, 0, new, None) != 0:
        raise OSError("refused")
    return 9.0
