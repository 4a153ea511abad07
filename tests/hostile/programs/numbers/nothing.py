# crashed
# Returns nothing.
def f(x):
    pass
