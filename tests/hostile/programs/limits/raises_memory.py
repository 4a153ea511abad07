# forbidden crashed
# Lifts its limit on memory.
def f(x):
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return 9.0
