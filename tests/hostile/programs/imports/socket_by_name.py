# crashed forbidden
# Imports a module under a name that no text search finds.
def f(x):
    import importlib
    importlib.import_module("so" + "cket").socket()
    return 9.0
