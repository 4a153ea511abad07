# timeout
# Never returns.
def f(x):
    while True:
        pass
