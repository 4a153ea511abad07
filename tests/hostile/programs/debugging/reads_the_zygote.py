# forbidden crashed
# Reads the zygote's memory at an address that is its own, too.
def f(x):
    import ctypes, os, sys
    number = 270 if "aarch64" in sys.implementation._multiarch else 310
    source, target = ctypes.create_string_buffer(8), ctypes.create_string_buffer(8)
    here = (ctypes.c_void_p * 2)(ctypes.addressof(target), 8)
    there = (ctypes.c_void_p * 2)(ctypes.addressof(source), 8)
    call = ctypes.CDLL(None).syscall
    call.argtypes = [ctypes.c_long] * 2 + [ctypes.c_void_p, ctypes.c_long] * 2 + [ctypes.c_long]
    if call(number, os.getppid(), here, 1, there, 1, 0) < 0:
        raise OSError("refused")
    return 9.0
