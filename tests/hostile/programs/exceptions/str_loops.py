# timeout
# Asking for its text never ends.
def f(x):
    class Endless(Exception):
        def __str__(self):
            while True:
                pass
    raise Endless
