# invalid crashed
# Raises what only `construct` should: that the object is invalid.
def f(x):
    import sys
    raise sys.modules["problems.contract"].Invalid("\x1b[31m the problem is broken")
