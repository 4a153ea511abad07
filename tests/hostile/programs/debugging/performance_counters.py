# forbidden crashed
# Measures the zygote.
def f(x):
    import ctypes, os, sys
    number = 241 if "aarch64" in sys.implementation._multiarch else 298
    event = (ctypes.c_uint32 * 32)(1, 128)
    if ctypes.CDLL(None).syscall(number, event, os.getppid(), -1, -1, 0) < 0:
        raise OSError("refused")
    return 9.0
