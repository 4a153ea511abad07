# ok crashed
# Its class has the hash of `float` and equals it, so that it is found in sets of types.
def f(x):
    class Meta(type):
        def __hash__(cls):
            return hash(float)
        def __eq__(cls, other):
            return True
    class Fake(metaclass=Meta):
        def __float__(self):
            return 1.0
    return Fake()
