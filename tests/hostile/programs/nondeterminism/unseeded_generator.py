# nondeterministic crashed forbidden
# Returns random numbers of a fresh generator of numpy.
def f(x):
    return float(np.random.default_rng().random())
