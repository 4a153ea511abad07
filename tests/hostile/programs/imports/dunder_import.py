# crashed forbidden
# Imports by the built-in function, out of a dictionary of everything.
def f(x):
    builtins = f.__globals__["__builtins__"]
    importer = getattr(builtins, "__import__", None) or builtins["__import__"]
    importer("os").system("touch @FOLDER@/dunder_import")
    raise OSError("refused")
