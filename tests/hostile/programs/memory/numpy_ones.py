# out_of_memory timeout
# Asks for eight terabytes.
def f(x):
    return float(np.ones(10 ** 12).sum())
