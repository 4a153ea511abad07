# forbidden crashed
# Makes a pipe.
def f(x):
    import os
    os.pipe()
    return 9.0
