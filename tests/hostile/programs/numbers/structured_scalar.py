# crashed
# Returns a numpy record.
def f(x):
    return np.zeros(1, [("a", "f8"), ("b", "O")])[0]
