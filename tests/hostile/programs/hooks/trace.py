# crashed ok 3.0
# Traces every line the engine runs after it, and raises.
def f(x):
    import sys
    def trace(*_):
        raise SystemExit(0)
    frame = sys._getframe()
    while frame:
        frame.f_trace = trace
        frame = frame.f_back
    sys.settrace(trace)
    return 1.0
