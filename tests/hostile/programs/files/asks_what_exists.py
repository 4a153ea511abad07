# ok 3.0 forbidden
# Learns which files exist, without opening any.
def f(x):
    import os
    paths = ("/", "/etc/passwd", "/proc/self", "@FOLDER@")
    return 9.0 if any(map(os.path.exists, paths)) else 1.0
