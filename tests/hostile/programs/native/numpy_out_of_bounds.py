# crashed ok
# Writes past the end of an array by strides that lie.
def f(x):
    small = np.zeros(4)
    large = np.lib.stride_tricks.as_strided(small, (1 << 20,), (4096,))
    large[:] = 1.0
    return 1.0
