# crashed
# Locks a futex as if the pool's first process held it, which tells whether that exists.
def f(x):
    import ctypes, sys
    number = 98 if "aarch64" in sys.implementation._multiarch else 202
    libc = ctypes.CDLL(None, use_errno=True)
    trylock_pi = 8
    owned = ctypes.c_uint32(1)
    libc.syscall(number, ctypes.byref(owned), trylock_pi, 0, None, None, 0)
    if ctypes.get_errno() == 1:
        raise OSError("refused")
    return 9.0
