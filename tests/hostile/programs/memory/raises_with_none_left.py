# crashed out_of_memory timeout
# Fills the memory to the last byte, then raises something that must still be told.
def f(x):
    held = []
    for size in (1 << 20, 1 << 10, 64):
        try:
            while True:
                held.append(bytearray(size))
        except MemoryError:
            pass
    raise ValueError("no room")
