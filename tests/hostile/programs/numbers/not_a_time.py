# crashed
# Returns the date that is none.
def f(x):
    return np.timedelta64("NaT")
