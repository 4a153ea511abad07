# ok 3.0
# Returns a truth value, which counts as a number.
def f(x):
    return True
