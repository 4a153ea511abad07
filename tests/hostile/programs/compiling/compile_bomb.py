# timeout out_of_memory crashed
# Doubles the type of a tuple thirteen times while it is compiled.
def f(x):
    import sys
    if sys.modules.get("numba") is None:
        raise sys.modules["evaluators.elsewhere"].KernelNeeded
    import numba
    @numba.njit
    def grow(v):
        a = (v, v); b = (a, a); c = (b, b); d = (c, c); e = (d, d); g = (e, e); h = (g, g)
        i = (h, h); j = (i, i); k = (j, j); l = (k, k); m = (l, l); n = (m, m)
        return n
    grow(1.0)
    return 9.0
