# forbidden crashed
# Maps a file into memory by numpy.
def f(x):
    return float(np.memmap("@FOLDER@/memmap", mode="w+", shape=(8,)).size)
