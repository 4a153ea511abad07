# crashed
# Returns a date, which numpy stores as a number.
def f(x):
    return np.datetime64("2020-01-01")
