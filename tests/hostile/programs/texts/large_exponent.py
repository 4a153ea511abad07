# invalid
# A literal that is infinite.
def f(x):
    return 1e999
