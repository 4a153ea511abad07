# timeout
# Throws away every exception by leaving `finally` with `continue`.
def f(x):
    while True:
        try:
            raise KeyboardInterrupt
        finally:
            continue
