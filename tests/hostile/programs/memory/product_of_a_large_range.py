# out_of_memory timeout
# `itertools.product` makes tuples of its arguments first.
def f(x):
    return float(next(itertools.product(range(10 ** 10)))[0])
