# forbidden crashed
# Reads the zygote's limits, the first half of setting them.
def f(x):
    import os, resource
    resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)
    return 9.0
