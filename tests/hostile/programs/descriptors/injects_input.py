# forbidden crashed ok 0.0
# Types into whatever terminal there is.
def f(x):
    import ctypes
    typed = 0
    for number in range(16):
        typed += ctypes.CDLL(None).ioctl(number, 0x5412, b"x") == 0
    return float(typed)
