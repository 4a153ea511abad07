# crashed
# Returns a float with methods of its own.
def f(x):
    class Fake(float):
        def __float__(self):
            return 1000.0
        def __add__(self, other):
            return 1000.0
        __radd__ = __add__
    return Fake(1.0)
