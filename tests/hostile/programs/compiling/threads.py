# forbidden crashed timeout out_of_memory
# Compiles a loop that runs on all processors.
def f(x):
    import sys
    if sys.modules.get("numba") is None:
        raise sys.modules["evaluators.elsewhere"].KernelNeeded
    import numba
    @numba.njit(parallel=True)
    def add(array):
        total = 0.0
        for index in numba.prange(array.size):
            total += array[index]
        return total
    return 9.0 * add(np.ones(1000))
