# crashed forbidden
# Ends by the C library's `exit`, which runs what others registered.
def f(x):
    import ctypes
    ctypes.CDLL(None).exit(0)
