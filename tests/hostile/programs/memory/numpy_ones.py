# out_of_memory
# Asks for eight terabytes.
def f(x):
    return float(np.ones(10 ** 12).sum())
