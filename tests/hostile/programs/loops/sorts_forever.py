# timeout
# A key that spins at every comparison.
def f(x):
    class Slow:
        def __lt__(self, other):
            return sum(range(10 ** 9)) > 0
    sorted(Slow() for _ in range(100))
    return 1.0
