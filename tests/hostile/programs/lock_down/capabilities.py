# forbidden crashed
# Takes back all capabilities.
def f(x):
    import ctypes
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)(0xFFFFFFFF, 0xFFFFFFFF, 0, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    if ctypes.CDLL(None).capset(header, data) != 0:
        raise OSError("refused")
    return 9.0
