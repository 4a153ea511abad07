# crashed out_of_memory timeout
# A format width that holds a format width.
def f(x):
    return float(len(f"{x:{10 ** 9}.{10 ** 8}f}" * 10))
