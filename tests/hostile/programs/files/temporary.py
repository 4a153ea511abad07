# forbidden crashed
# Makes a temporary file.
def f(x):
    import tempfile
    with tempfile.NamedTemporaryFile(prefix="funsearch-hostile-", delete=False) as file:
        file.write(b"hostile")
    return 9.0
