# crashed forbidden
# Writes past Python's streams, to standard error.
def f(x):
    import io
    stream = io.FileIO(2, "w", closefd=False)
    return 9.0 * stream.write(b"hostile")
