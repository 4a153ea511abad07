# invalid
# Writes a complete array of NaN.
def f(x):
    import os, sys
    frame = sys._getframe()
    while not hasattr(frame.f_locals.get("self"), "_area"):
        frame = frame.f_back
    area = frame.f_locals["self"]._area
    start = area._layout.slot(0)
    area._memory[start + 128:start + 152] = b"\xff" * 24
    words = area._slot_words(0)
    words[0], words[1] = 1, 3
    os._exit(0)
