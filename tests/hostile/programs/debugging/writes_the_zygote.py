# forbidden crashed
# Writes a zero over a zero in the zygote's memory.
def f(x):
    import ctypes, os, sys
    number = 271 if "aarch64" in sys.implementation._multiarch else 311
    source = ctypes.create_string_buffer(8)
    here = (ctypes.c_void_p * 2)(ctypes.addressof(source), 8)
    call = ctypes.CDLL(None).syscall
    call.argtypes = [ctypes.c_long] * 2 + [ctypes.c_void_p, ctypes.c_long] * 2 + [ctypes.c_long]
    if call(number, os.getppid(), here, 1, here, 1, 0) < 0:
        raise OSError("refused")
    return 9.0
