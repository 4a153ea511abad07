# timeout
# Sums a generator that never ends.
def f(x):
    def numbers():
        while True:
            yield 1
    return sum(numbers())
