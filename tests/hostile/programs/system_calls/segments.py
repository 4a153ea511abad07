# forbidden crashed
# Changes the table of segments, an old source of faults in kernels.
def f(x):
    import ctypes, sys
    if "aarch64" in sys.implementation._multiarch:
        raise OSError("no such call")
    if ctypes.CDLL(None).syscall(154, 0, ctypes.create_string_buffer(4096), 4096) < 0:
        raise OSError("refused")
    return 9.0
