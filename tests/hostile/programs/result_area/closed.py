# crashed ok 3.0
# Closes the memory it shares with the worker.
def f(x):
    import sys
    frame = sys._getframe()
    while not hasattr(frame.f_locals.get("self"), "_area"):
        frame = frame.f_back
    frame.f_locals["self"]._area._memory.close()
    return 1.0
