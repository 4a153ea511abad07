# ok 3.0
# Returns a number of sixteen bits.
def f(x):
    return np.float16(1)
