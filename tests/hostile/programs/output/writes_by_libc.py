# ok 3.0 crashed forbidden
# Lets the C library print, and flushes its buffers.
def f(x):
    import ctypes
    libc = ctypes.CDLL(None)
    libc.puts(b"hostile" * 1000)
    libc.fflush(None)
    return 1.0
