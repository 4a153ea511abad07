# ok 3.0
# Asks to be run where there is a compiler, and is honest there.
def f(x):
    import sys
    if sys.modules.get("numba") is None:
        raise sys.modules["evaluators.elsewhere"].KernelNeeded
    return 1.0
