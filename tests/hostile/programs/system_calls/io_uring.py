# forbidden crashed
# Sets up a ring through which calls pass that no filter sees.
def f(x):
    import ctypes
    if ctypes.CDLL(None).syscall(425, 4, ctypes.create_string_buffer(120)) < 0:
        raise OSError("refused")
    return 9.0
