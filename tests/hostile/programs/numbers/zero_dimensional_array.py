# crashed
# Returns an array without dimensions.
def f(x):
    return np.array(1.0)
