# crashed
# Forgets every module.
def f(x):
    import sys
    for module in list(sys.modules.values()):
        try:
            vars(module).clear()
        except (TypeError, AttributeError):
            pass
    return 1.0
