# forbidden crashed
# As before, by the call for protection keys.
def f(x):
    import ctypes, mmap, sys
    number = 288 if "aarch64" in sys.implementation._multiarch else 329
    memory = mmap.mmap(-1, 4096)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    call = ctypes.CDLL(None).syscall
    call.argtypes = [ctypes.c_long, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_long, ctypes.c_long]
    if call(number, address, 4096, 5, -1) != 0:
        raise OSError("refused")
    return 9.0
