# ok 3.0 crashed
# Makes every rounding an exception in what the engine computes.
def f(x):
    np.seterr(all="call")
    np.seterrcall(lambda *_: 1 / 0)
    return np.float64(1.0)
