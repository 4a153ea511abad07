# invalid
# Claims a complete array of 2^63 elements.
def f(x):
    import os, sys
    frame = sys._getframe()
    while not hasattr(frame.f_locals.get("self"), "_area"):
        frame = frame.f_back
    words = frame.f_locals["self"]._area._slot_words(0)
    words[0], words[1] = 1, 2 ** 63
    os._exit(0)
