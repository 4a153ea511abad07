# crashed out_of_memory forbidden timeout
# Takes memory with malloc, and writes to it.
def f(x):
    import ctypes
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    for _ in range(4096):
        block = libc.malloc(ctypes.c_size_t(1 << 20))
        if not block:
            raise MemoryError
        ctypes.memset(block, 1, 1 << 20)
    return 9.0
