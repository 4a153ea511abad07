# ok 3.0 crashed
# Stores results for instances that were not asked for.
def f(x):
    import sys
    frame = sys._getframe()
    while not hasattr(frame.f_locals.get("self"), "_area"):
        frame = frame.f_back
    area = frame.f_locals["self"]._area
    for index in (1, 2, 10 ** 6):
        try:
            area.put(index, np.full(3, 1000.0))
        except (ValueError, IndexError):
            pass
    return 1.0
