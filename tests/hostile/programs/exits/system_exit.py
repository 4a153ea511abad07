# crashed
# Asks the interpreter to end.
def f(x):
    raise SystemExit(0)
