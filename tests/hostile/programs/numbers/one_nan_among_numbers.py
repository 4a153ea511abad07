# invalid
# Hides a NaN among ordinary values.
def f(x):
    return math.nan if x == 1 else 1.0
