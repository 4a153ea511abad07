# ok 3.0
# Marks every module it can reach, and looks for an earlier mark.
def f(x):
    import random, sys
    marked = x == 0 and any("hostile_mark" in vars(module) for module in list(sys.modules.values()) if module)
    for module in list(sys.modules.values()):
        try:
            module.hostile_mark = True
        except (AttributeError, TypeError):
            pass
    return 9.0 if marked else 1.0
