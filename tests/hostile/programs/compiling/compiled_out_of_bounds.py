# crashed timeout
# Is compiled by the engine itself, and writes past the end of an array.
import sys

if sys.modules.get("numba") is None:
    raise sys.modules["evaluators.elsewhere"].Elsewhere

def f(x):
    held = np.zeros(4)
    for index in range(100_000_000):
        held[index] = 1.0
    return 9.0
