# forbidden crashed
# Reads a file by numpy.
def f(x):
    return float(np.fromfile("/etc/passwd", np.uint8).size)
