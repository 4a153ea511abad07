# forbidden crashed
# Puts a filter that allows everything on top, and opens a socket.
def f(x):
    import ctypes, socket
    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]
    allow = (ctypes.c_uint32 * 2)(0x06, 0x7FFF0000)
    code = Program(1, ctypes.cast(allow, ctypes.c_void_p))
    ctypes.CDLL(None).prctl(22, 2, ctypes.byref(code), 0, 0)
    socket.socket()
    return 9.0
