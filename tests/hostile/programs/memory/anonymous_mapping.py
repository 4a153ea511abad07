# crashed out_of_memory forbidden timeout
# Maps a terabyte past Python's allocator.
def f(x):
    import mmap
    return float(len(mmap.mmap(-1, 1 << 40)) > 0) * 9
