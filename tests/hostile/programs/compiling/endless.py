# timeout crashed
# Compiles a loop that never ends.
def f(x):
    import sys
    if sys.modules.get("numba") is None:
        raise sys.modules["evaluators.elsewhere"].KernelNeeded
    import numba
    @numba.njit
    def spin(v):
        while v < 1e300:
            v = v * 1.0
        return v
    return spin(1.0)
