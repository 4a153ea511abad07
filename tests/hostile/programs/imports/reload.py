# crashed forbidden ok 3.0
# Loads a module again, to get back what was taken out of it.
def f(x):
    import importlib, os
    importlib.reload(os)
    os._exit(9)
