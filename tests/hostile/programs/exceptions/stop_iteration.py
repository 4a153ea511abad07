# crashed
# Ends the `map` it is called by early, to build a shorter object.
def f(x):
    if x == 1:
        raise StopIteration
    return 1.0
