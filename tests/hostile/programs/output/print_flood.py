# timeout
# Prints without end.
def f(x):
    while True:
        print("x" * 100_000)
