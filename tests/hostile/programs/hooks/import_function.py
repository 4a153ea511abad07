# ok 3.0 crashed
# Replaces what `import` and `class` do.
def f(x):
    import builtins
    builtins.__import__ = builtins.__build_class__ = lambda *_, **__: 1 / 0
    return 1.0
