# crashed timeout
# Reads and writes any address from compiled code: it can only hurt itself.
def f(x):
    import sys
    if sys.modules.get("numba") is None:
        raise sys.modules["evaluators.elsewhere"].KernelNeeded
    import numba
    @numba.njit
    def attack(array):
        for index in range(-1000, 1 << 40):
            array[index * 512] = 1.0
    attack(np.zeros(4))
    return 9.0
