# crashed forbidden
# Loads a library from disk.
def f(x):
    import ctypes
    ctypes.CDLL("libcrypt.so.1")
    return 9.0
