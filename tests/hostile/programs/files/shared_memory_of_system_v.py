# forbidden crashed
# Makes shared memory that outlives every process.
def f(x):
    import ctypes
    libc = ctypes.CDLL(None)
    identifier = libc.shmget(0, 4096, 0o1600)
    if identifier < 0:
        raise OSError("refused")
    libc.shmctl(identifier, 0, None)
    return 9.0
