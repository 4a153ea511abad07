# crashed
# Pretends that the user stopped the search.
def f(x):
    raise KeyboardInterrupt
