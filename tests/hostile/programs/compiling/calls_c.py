# forbidden crashed timeout
# Calls the C library from compiled code.
def f(x):
    import sys
    if sys.modules.get("numba") is None:
        raise sys.modules["evaluators.elsewhere"].KernelNeeded
    import ctypes, numba
    socket = ctypes.CDLL(None).socket
    socket.argtypes, socket.restype = [ctypes.c_int] * 3, ctypes.c_int
    @numba.njit
    def attack():
        return socket(2, 1, 0)
    if attack() < 0:
        raise OSError("refused")
    return 9.0
