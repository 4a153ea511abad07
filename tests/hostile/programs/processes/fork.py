# forbidden crashed
# Starts one process.
def f(x):
    import os
    if os.fork() == 0:
        os._exit(0)
    return 9.0
