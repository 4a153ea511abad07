# crashed timeout
# The decorator is an unknown name; without it, a loop is left.
@njit(cache=True)
def f(x):
    while True:
        x += 1
