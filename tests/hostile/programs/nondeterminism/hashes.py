# nondeterministic
# Returns the hash of a text, which depends on a seed.
def f(x):
    return float(hash("hostile") % 1000)
