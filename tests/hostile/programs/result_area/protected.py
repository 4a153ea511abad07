# crashed ok 3.0 forbidden
# Makes the memory it shares with the worker unreadable.
def f(x):
    import ctypes, sys
    frame = sys._getframe()
    while not hasattr(frame.f_locals.get("self"), "_area"):
        frame = frame.f_back
    head = frame.f_locals["self"]._area._head
    libc = ctypes.CDLL(None)
    libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    libc.mprotect(head.ctypes.data, 4096, 0)
    return 1.0
