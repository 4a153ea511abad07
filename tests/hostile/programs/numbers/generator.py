# crashed
# Returns a generator that never ends.
def f(x):
    while True:
        yield 1.0
