# forbidden crashed
# Lifts its limit on descriptors.
def f(x):
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
    return 9.0
