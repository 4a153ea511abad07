# forbidden crashed
# Asks to be told when files change.
def f(x):
    import ctypes
    if ctypes.CDLL(None).inotify_init1(0) < 0:
        raise OSError("refused")
    return 9.0
