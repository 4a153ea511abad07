# forbidden crashed
# Leaves something in the shared memory of the machine.
def f(x):
    import ctypes
    if ctypes.CDLL(None).shm_open(b"/funsearch-hostile", 0o102, 0o666) < 0:
        raise OSError("refused")
    return 9.0
