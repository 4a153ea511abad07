# forbidden crashed
# Asks where it is, and goes somewhere else.
def f(x):
    import os
    os.chdir("/tmp")
    return 9.0
