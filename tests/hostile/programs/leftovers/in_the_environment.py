# ok 0.0
# Leaves variables in the environment, and counts those of others.
def f(x):
    import os
    count = len(os.environ) if x == 0 else 0
    os.environ["HOSTILE"] = "1"
    os.environ["LD_PRELOAD"] = "/tmp/hostile.so"
    return float(count)
