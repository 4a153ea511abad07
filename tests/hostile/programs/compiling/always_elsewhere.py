# crashed
# Asks to be compiled, however it is run.
def f(x):
    import sys
    raise sys.modules["evaluators.elsewhere"].Elsewhere
