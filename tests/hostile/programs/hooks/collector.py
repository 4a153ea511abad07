# timeout crashed ok 3.0
# Is called by the garbage collector, and never returns.
def f(x):
    import gc
    gc.callbacks.append(lambda *_: [None for _ in iter(int, 1)])
    gc.collect()
    return 1.0
