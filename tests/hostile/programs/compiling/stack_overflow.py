# crashed timeout out_of_memory
# Recurses in compiled code until the stack ends.
def f(x):
    import sys
    if sys.modules.get("numba") is None:
        raise sys.modules["evaluators.elsewhere"].KernelNeeded
    import numba
    @numba.njit
    def deeper(v):
        if v < 0:
            return 0
        return deeper(v + 1) + 1
    return float(deeper(0))
