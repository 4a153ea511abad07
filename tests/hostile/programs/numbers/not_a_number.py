# invalid
# Every comparison with it is false.
def f(x):
    return float("nan")
