# ok 0.0 forbidden crashed
# Duplicates and configures every descriptor.
def f(x):
    import fcntl, os
    found = 0
    for number in range(1024):
        for control in (fcntl.F_GETFD, fcntl.F_GETFL, fcntl.F_DUPFD):
            try:
                fcntl.fcntl(number, control)
                found += 1
            except OSError:
                pass
    return float(found)
