# ok 0.0
# Counts the variables of its environment, and those the C library still knows.
def f(x):
    import ctypes, os
    count = len(os.environ) + len(os.environb)
    variables = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
    while variables and variables[count]:
        count += 1
    return float(count)
