# ok 6.0
# Counts its calls, from one for every candidate anew.
def f(x, calls=[0]):
    calls[0] += 1
    return calls[0]
