# timeout
# Spins while its defaults are evaluated.
def f(x, y=sum(iter(int, 1))):
    return 1.0
