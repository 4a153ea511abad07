# crashed forbidden
# Registers a finder of its own, and looks for modules on disk.
def f(x):
    import importlib.machinery, sys
    sys.meta_path[:] = [importlib.machinery.PathFinder]
    sys.path_importer_cache.clear()
    import antigravity
    return 9.0
