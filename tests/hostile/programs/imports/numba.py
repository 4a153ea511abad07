# crashed
# Imports the compiler.
def f(x):
    import numba
    return 9.0
