# crashed
# Fills the whole result area with ones and exits as a failure.
def f(x):
    import os, sys
    frame = sys._getframe()
    while not hasattr(frame.f_locals.get("self"), "_area"):
        frame = frame.f_back
    memory = frame.f_locals["self"]._area._memory
    memory[:] = b"\xff" * len(memory)
    os._exit(1)
