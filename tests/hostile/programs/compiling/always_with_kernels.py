# crashed
# Asks to be run where there are kernels, wherever it is run.
def f(x):
    import sys
    raise sys.modules["evaluators.elsewhere"].KernelNeeded
