# forbidden crashed
# Writes machine code first and asks for the right to run it later.
def f(x):
    import ctypes, mmap
    memory = mmap.mmap(-1, 4096)
    memory.write(bytes.fromhex("b814000000cd80c3"))
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    libc = ctypes.CDLL(None)
    libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    if libc.mprotect(address, 4096, 5) != 0:
        raise OSError("refused")
    return 9.0 if ctypes.CFUNCTYPE(ctypes.c_int)(address)() > 0 else 8.0
