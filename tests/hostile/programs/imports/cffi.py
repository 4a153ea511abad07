# crashed forbidden
# Compiles C.
def f(x):
    import cffi
    return 9.0
