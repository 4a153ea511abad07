# crashed timeout
# Asks for a compiled loop, which no signal handler of Python would interrupt.
from numba import njit

@njit
def f(x):
    while True:
        x += 1
