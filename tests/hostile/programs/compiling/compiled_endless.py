# timeout crashed
# Is compiled by the engine itself, and never ends.
import sys

if sys.modules.get("numba") is None:
    raise sys.modules["evaluators.elsewhere"].Elsewhere

def f(x):
    value = 1.0
    while value > 0.0:
        value = value + 1.0
    return 9.0
