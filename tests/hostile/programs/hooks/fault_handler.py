# crashed forbidden
# Has a thread report on all others into any descriptor, again and again.
def f(x):
    import importlib.machinery, sys
    sys.meta_path[:] = [importlib.machinery.BuiltinImporter]
    import faulthandler
    faulthandler.dump_traceback_later(0.001, repeat=True, file=1)
    return 9.0
