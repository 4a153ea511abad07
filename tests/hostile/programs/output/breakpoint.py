# ok 3.0 crashed forbidden
# Asks for a debugger.
def f(x):
    breakpoint()
    return 1.0
