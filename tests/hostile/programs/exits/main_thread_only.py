# crashed forbidden timeout
# Ends the main thread by the system's own call.
def f(x):
    import ctypes, sys
    ctypes.CDLL(None).syscall(93 if "aarch64" in sys.implementation._multiarch else 60, 0)
