# timeout crashed forbidden
# Waits instead of computing: no processor time is spent.
def f(x):
    import time
    time.sleep(600)
    return 1.0
