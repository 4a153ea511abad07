# crashed
# Reads address zero.
def f(x):
    import ctypes
    return float(len(ctypes.string_at(0)))
