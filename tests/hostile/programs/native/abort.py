# crashed forbidden
# Aborts.
def f(x):
    import os
    os.abort()
