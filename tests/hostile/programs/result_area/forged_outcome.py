# crashed invalid out_of_memory
# Claims every outcome there is, and some there are not.
def f(x):
    import os, sys
    frame = sys._getframe()
    while not hasattr(frame.f_locals.get("self"), "_area"):
        frame = frame.f_back
    head = frame.f_locals["self"]._area._head
    for outcome in (0, 1, 2, 3, 5, 2 ** 63, 2 ** 64 - 1):
        head[0] = outcome
    os._exit(1)
