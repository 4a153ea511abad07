# forbidden crashed
# Calls the engine's own lock-down once more, with generous bounds.
def f(x):
    import sys
    module = sys.modules["evaluators.lockdown"]
    module.lock_child(module.Bounds(1 << 60, 1 << 20), 0, module.Locked((), None))
    return 9.0
