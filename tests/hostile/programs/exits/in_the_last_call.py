# crashed
# Ends the process once two of three values are there.
def f(x):
    import os
    if x == 2:
        os._exit(0)
    return 1.0
