# crashed
# Returns an array with methods of its own.
def f(x):
    class Fake(np.ndarray):
        def __float__(self):
            return 1000.0
    return np.ones(()).view(Fake)
