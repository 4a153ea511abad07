# crashed
# Replaces what handles exceptions nobody caught.
def f(x):
    import os, sys
    sys.excepthook = sys.unraisablehook = lambda *_: os._exit(0)
    raise ValueError("text")
