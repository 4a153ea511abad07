# crashed timeout
# Groups of exceptions, nested deeply.
def f(x):
    error = ValueError("innermost")
    for _ in range(50_000):
        error = ExceptionGroup("group", [error])
    raise error
