# timeout out_of_memory crashed
# Goes on each time that memory runs out.
def f(x):
    held = []
    size = 1 << 20
    while True:
        try:
            held.append(bytearray(size))
        except MemoryError:
            size = max(1, size // 2)
