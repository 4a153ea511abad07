# ok 3.0 crashed forbidden
# Has the standard library read the source of every frame.
def f(x):
    import inspect
    return 9.0 if any(each.code_context for each in inspect.stack()) else 1.0
