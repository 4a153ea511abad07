# crashed
# Writes a complete, good array and dies of a signal.
def f(x):
    import os, struct, sys
    frame = sys._getframe()
    while not hasattr(frame.f_locals.get("self"), "_area"):
        frame = frame.f_back
    area = frame.f_locals["self"]._area
    area.put(0, np.full(3, 1000.0))
    os.abort()
