# invalid crashed
# Returns a number that is finite only in more bits.
def f(x):
    return np.longdouble("1e4000")
