# ok invalid crashed
# As before, and numpy is told that it is an array of another shape.
def f(x):
    class Meta(type):
        def __hash__(cls):
            return hash(float)
        def __eq__(cls, other):
            return True
    class Fake(metaclass=Meta):
        def __array__(self, *_, **__):
            return np.ones((100, 100))
        def __len__(self):
            return 100
        def __getitem__(self, key):
            return 1.0
    return Fake()
