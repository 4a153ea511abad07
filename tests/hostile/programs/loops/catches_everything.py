# timeout
# Never returns, and swallows whatever is raised to stop it.
def f(x):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
