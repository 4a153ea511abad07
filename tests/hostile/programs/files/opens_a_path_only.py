# forbidden crashed
# Opens a file without the right to read it, which file rules do not judge.
def f(x):
    import os
    os.open("/etc/passwd", os.O_PATH)
    return 9.0
