# forbidden crashed
# Mounts a file system over the watched folder.
def f(x):
    import ctypes
    if ctypes.CDLL(None).mount(b"none", b"@FOLDER@", b"tmpfs", 0, None) != 0:
        raise OSError("refused")
    return 9.0
