# crashed ok 3.0 invalid
# Replaces the function that makes arrays.
def f(x):
    np.array = lambda *_, **__: [1000.0] * 3
    return 1.0
