# out_of_memory crashed timeout
# A format width of a trillion.
def f(x):
    return float(len(f"{x:>{10 ** 12}}"))
