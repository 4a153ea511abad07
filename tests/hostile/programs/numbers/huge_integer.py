# crashed
# Returns an integer beyond the range of floats.
def f(x):
    return 10 ** 400
