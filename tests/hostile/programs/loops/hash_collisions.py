# timeout
# Quadratic time in a dictionary whose keys all have one hash.
def f(x):
    step = (1 << 61) - 1
    return float(len({step * number: 0 for number in range(10 ** 6)}))
