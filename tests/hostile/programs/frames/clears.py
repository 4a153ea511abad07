# crashed ok 3.0
# Clears every frame that can be cleared.
def f(x):
    import sys
    frame = sys._getframe().f_back
    while frame:
        try:
            frame.clear()
        except RuntimeError:
            pass
        frame = frame.f_back
    return 1.0
