# ok 1.0
# Every value is finite, and so must be what `score` makes of them, or the problem is at fault.
def f(x):
    return 1.7e308 if x == 0 else -1.7e308 if x == 1 else 1.0
