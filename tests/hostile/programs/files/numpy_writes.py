# forbidden crashed
# Writes a file by numpy.
def f(x):
    np.ones(3).tofile("@FOLDER@/numpy")
    return 9.0
