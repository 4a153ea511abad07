# ok nondeterministic crashed forbidden
# Returns the number of its process.
def f(x):
    import os
    return float(os.getpid())
