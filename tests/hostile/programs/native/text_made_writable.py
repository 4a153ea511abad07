# forbidden crashed
# Makes the C library's own code writable.
def f(x):
    import ctypes
    libc = ctypes.CDLL(None)
    libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    address = ctypes.cast(libc.getpid, ctypes.c_void_p).value & ~4095
    if libc.mprotect(address, 4096, 7) != 0:
        raise OSError("refused")
    return 9.0
