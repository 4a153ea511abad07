# ok 3.0 crashed
# Closes the function and goes on at the level of the module.
def f(x):
    return 1.0

f.__code__ = (lambda x: 1.0).__code__
f.__name__ = "\x1b[2J"
__builtins__ = None
