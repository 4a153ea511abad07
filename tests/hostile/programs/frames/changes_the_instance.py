# ok 3.0
# Walks to `construct` and makes the instance another one.
def f(x):
    import sys
    frame = sys._getframe()
    while "instance" not in frame.f_locals:
        frame = frame.f_back
    instance = frame.f_locals["instance"]
    instance.data["count"] = 1
    object.__setattr__(instance, "name", "other")
    return 1.0
