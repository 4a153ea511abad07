# crashed forbidden
# Writes past Python's streams.
def f(x):
    import os
    return 9.0 * os.write(1, b"hostile")
