# forbidden crashed
# Starts a program without fork.
def f(x):
    import os
    os.posix_spawn("/bin/touch", ["touch", "@FOLDER@/posix_spawn"], {})
    return 9.0
