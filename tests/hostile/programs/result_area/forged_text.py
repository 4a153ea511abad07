# crashed
# Claims a text of 2^64 bytes, full of escapes.
def f(x):
    import os, sys
    frame = sys._getframe()
    while not hasattr(frame.f_locals.get("self"), "_area"):
        frame = frame.f_back
    area = frame.f_locals["self"]._area
    area._memory[64:64 + 2048] = b"\x1b[2J\xe2\x80\xae\xff\x00" * 227 + b"\xf0\x9f\x98\x80\r\n\xf0"
    area._head[0], area._head[1] = 1, 2 ** 64 - 1
    os._exit(1)
