# timeout
# Never gets as far as defining its function.
while True:
    pass

def f(x):
    return 1.0
