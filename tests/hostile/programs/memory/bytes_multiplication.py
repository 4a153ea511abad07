# out_of_memory timeout
# Multiplies a byte.
def f(x):
    return float(len(b"x" * 10 ** 12))
