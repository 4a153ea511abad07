# crashed ok forbidden
# Writes into the local variables of the engine's frames.
def f(x):
    import ctypes, sys
    frame = sys._getframe()
    while frame:
        for name in ("code", "text", "outcome", "index", "candidate", "exact"):
            if name in frame.f_locals:
                frame.f_locals[name] = 0
                ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
        frame = frame.f_back
    return 1.0
