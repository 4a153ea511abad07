# out_of_memory timeout
# Ten nested pairs cost nothing; their repr doubles with each.
def f(x):
    nested = [1]
    for _ in range(64):
        nested = [nested, nested]
    return float(len(repr(nested)))
