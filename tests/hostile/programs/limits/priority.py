# forbidden crashed
# Takes a larger share of the processor.
def f(x):
    import os
    os.nice(-1)
    return 9.0
