# forbidden crashed
# Lists its descriptors.
def f(x):
    import os
    return float(len(os.listdir("/proc/self/fd")))
