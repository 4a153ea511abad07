# ok 3.0
# Never lets another thread of the interpreter run.
def f(x):
    import sys
    sys.setswitchinterval(1e6)
    return 1.0
