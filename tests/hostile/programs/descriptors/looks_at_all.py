# ok 0.0 forbidden
# Asks what every descriptor is.
def f(x):
    import os
    found = 0
    for number in range(1024):
        try:
            os.fstat(number)
            found += 1
        except OSError:
            pass
    return float(found)
