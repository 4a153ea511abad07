# nondeterministic
# Returns where an object lies in memory.
def f(x):
    return float(id(f))
