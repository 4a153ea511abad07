# ok 0.0
# Looks for what the interpreter was started with.
def f(x):
    import sys
    return float(len("".join(sys.argv + sys.orig_argv)))
