# out_of_memory timeout
# Fills the memory before its function is defined.
GROWN = [bytearray(1 << 20) for _ in range(1 << 20)]

def f(x):
    return 1.0
