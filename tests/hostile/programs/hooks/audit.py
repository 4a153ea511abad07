# crashed ok 3.0
# Refuses every event that it is told of.
def f(x):
    import sys
    def refuse(*_):
        raise RuntimeError("no")
    sys.addaudithook(refuse)
    return 1.0
