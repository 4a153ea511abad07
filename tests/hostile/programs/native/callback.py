# ok 3.0 forbidden crashed timeout
# Makes a C function pointer of a Python function, which some libraries do with executable memory.
def f(x):
    import ctypes
    compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lambda a, b: 0)
    ctypes.CDLL(None).qsort(ctypes.create_string_buffer(8), 8, 1, compare)
    return 1.0
