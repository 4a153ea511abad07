# forbidden crashed
# Enters the namespaces of the zygote.
def f(x):
    import ctypes, os, sys
    number = 268 if "aarch64" in sys.implementation._multiarch else 308
    call = ctypes.CDLL(None).syscall
    if call(number, call(434, os.getppid(), 0), 0x10000000) != 0:
        raise OSError("refused")
    return 9.0
