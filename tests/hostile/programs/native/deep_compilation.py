# crashed out_of_memory timeout
# Lets the compiler recurse until the stack ends.
def f(x):
    import sys
    sys.setrecursionlimit(10 ** 9)
    return float(eval("-" * 90_000 + "1"))
