# crashed ok timeout nondeterministic
# Writes past the end of an array in compiled code.
def f(x):
    import sys
    if sys.modules.get("numba") is None:
        raise sys.modules["evaluators.elsewhere"].KernelNeeded
    import numba
    @numba.njit
    def write(array):
        for index in range(1 << 30):
            array[index] = 1.0
    write(np.zeros(4))
    return 1.0
