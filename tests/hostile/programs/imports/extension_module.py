# crashed forbidden
# Loads a compiled module by its file.
def f(x):
    import importlib.machinery, importlib.util
    loader = importlib.machinery.ExtensionFileLoader("hostile", "/tmp/funsearch-hostile.so")
    importlib.util.module_from_spec(importlib.util.spec_from_loader("hostile", loader))
    return 9.0
