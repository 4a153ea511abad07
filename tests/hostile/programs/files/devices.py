# forbidden crashed
# Opens devices that everybody may open.
def f(x):
    import os
    opened = 0
    for name in ("/dev/null", "/dev/zero", "/dev/tty", "/dev/ptmx", "/dev/fuse", "/dev/kvm"):
        try:
            os.open(name, os.O_RDWR)
            opened += 1
        except OSError:
            pass
    if not opened:
        raise OSError("refused")
    return 9.0
