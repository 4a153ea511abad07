# nondeterministic crashed forbidden
# Returns random bytes of the system.
def f(x):
    import os
    return float(int.from_bytes(os.urandom(4)))
