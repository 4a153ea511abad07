# crashed out_of_memory timeout
# Every frame holds a large object.
def f(x):
    import sys
    sys.setrecursionlimit(10 ** 9)
    def deeper():
        held = bytearray(1 << 16)
        return deeper() + len(held)
    return float(deeper())
