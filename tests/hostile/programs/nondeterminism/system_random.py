# nondeterministic crashed forbidden
# Returns random numbers whose seed cannot be set.
def f(x):
    import random
    return random.SystemRandom().random()
