# forbidden crashed timeout
# Goes back from compiled code to Python, and to a shell.
def f(x):
    import sys
    if sys.modules.get("numba") is None:
        raise sys.modules["evaluators.elsewhere"].KernelNeeded
    import numba, os
    @numba.njit
    def attack():
        with numba.objmode():
            os.system("touch @FOLDER@/object_mode")
    attack()
    raise OSError("refused")
