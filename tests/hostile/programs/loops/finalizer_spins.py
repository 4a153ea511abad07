# timeout
# An object of a finished call spins while it is finalized.
def f(x):
    class Sticky:
        def __del__(self):
            while True:
                pass
    Sticky()
    return 1.0
