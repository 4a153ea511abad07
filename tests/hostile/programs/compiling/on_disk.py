# forbidden crashed timeout
# Leaves compiled code on disk for later candidates.
def f(x):
    import sys
    if sys.modules.get("numba") is None:
        raise sys.modules["evaluators.elsewhere"].KernelNeeded
    import numba
    numba.config.CACHE_DIR = "@FOLDER@"
    exec("@numba.njit(cache=True)\ndef g(v):\n    return v", {"numba": numba})
    raise OSError("refused")
