# crashed timeout
# A hundred thousand exceptions, each the cause of the next.
def f(x):
    error = ValueError("innermost")
    for number in range(100_000):
        outer = ValueError(str(number))
        outer.__cause__ = outer.__context__ = error
        error = outer
    raise error
