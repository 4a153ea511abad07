# crashed out_of_memory timeout
# Recurses through C until the stack ends.
def f(x):
    import sys
    sys.setrecursionlimit(10 ** 9)
    class Deep:
        def __eq__(self, other):
            return self == other
        def __repr__(self):
            return repr(self)
        def __call__(self):
            return max([1], key=lambda _: self())
    return float(len(str(Deep()())))
