# nondeterministic
# Returns the time.
def f(x):
    import time
    return time.time()
