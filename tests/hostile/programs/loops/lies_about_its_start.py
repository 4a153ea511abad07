# timeout
# Tells the zygote that it has only just begun, in the far future.
def f(x):
    import sys
    frame = sys._getframe()
    while not hasattr(frame.f_locals.get("self"), "_area"):
        frame = frame.f_back
    head = frame.f_locals["self"]._area._head
    head[2], head[3] = 2 ** 64 - 1, 2 ** 64 - 1
    while True:
        pass
