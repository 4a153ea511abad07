# ok 3.0
# Prints to whatever is called standard output and standard error.
def f(x):
    import sys
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        for _ in range(1000):
            print("\x1b[2J\x1b]0;owned\x07" + "x" * 1000, file=stream, flush=True)
    return 1.0
