# out_of_memory timeout
# Maps memory without touching it, which costs nothing until it does.
def f(x):
    held = [np.empty(1 << 24, np.uint8) for _ in range(1 << 16)]
    return float(len(held))
