# ok 3.0 forbidden crashed
# Takes a name that reads as if it were another's child, for whoever parses /proc.
def f(x):
    import ctypes
    ctypes.CDLL(None).prctl(15, b"x) S 1 1 1 (", 0, 0, 0)
    return 1.0
