# crashed forbidden
# Removes the mark that says that there is no compiler, and imports it.
def f(x):
    import importlib.machinery, sys
    for name in ("numba", "llvmlite"):
        sys.modules.pop(name, None)
    sys.meta_path[:] = [importlib.machinery.BuiltinImporter, importlib.machinery.FrozenImporter, importlib.machinery.PathFinder]
    import numba
    return 9.0
