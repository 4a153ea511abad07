# crashed timeout
# Destroys an object that everything uses.
def f(x):
    import ctypes
    ctypes.memset(id(None), 0, 16)
    ctypes.memset(id(type(None)), 0x41, 256)
    return None
