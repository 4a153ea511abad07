# crashed timeout
# An iterator of iterators, deeper than the stack.
def f(x):
    deep = iter([1.0])
    for _ in range(1_000_000):
        deep = itertools.chain(deep, ())
    return next(deep)
