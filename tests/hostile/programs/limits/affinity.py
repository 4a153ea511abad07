# forbidden crashed
# Chooses its processor.
def f(x):
    import os
    os.sched_setaffinity(0, range(1024))
    return 9.0
