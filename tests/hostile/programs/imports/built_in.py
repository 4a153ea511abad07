# crashed forbidden ok 3.0
# Loads a built-in module for which no file is needed: the one that writes on crashes.
def f(x):
    import importlib.machinery, importlib.util, sys
    importlib.machinery.BuiltinImporter
    sys.meta_path[:] = [importlib.machinery.BuiltinImporter]
    import faulthandler
    try:
        faulthandler.enable(file=1)
    except (OSError, RuntimeError):
        pass
    return 1.0
