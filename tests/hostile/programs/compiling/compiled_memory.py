# out_of_memory crashed timeout
# Is compiled by the engine itself, and asks for more memory than there is.
import sys

if sys.modules.get("numba") is None:
    raise sys.modules["evaluators.elsewhere"].Elsewhere

def f(x):
    return np.ones(10 ** 12).sum()
