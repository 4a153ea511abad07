# timeout
# Spins inside one call of a C function, which never looks at signals.
def f(x):
    return max(itertools.repeat(0))
