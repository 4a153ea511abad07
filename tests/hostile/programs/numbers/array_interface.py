# ok invalid crashed
# As before, and numpy is told to read its numbers from address one.
def f(x):
    class Meta(type):
        def __hash__(cls):
            return hash(float)
        def __eq__(cls, other):
            return True
    class Fake(metaclass=Meta):
        __array_interface__ = {"version": 3, "shape": (1 << 20,), "typestr": "<f8", "data": (1, False)}
    return Fake()
