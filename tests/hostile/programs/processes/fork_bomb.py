# forbidden crashed
# Starts processes that start processes, sixty-four in all.
def f(x):
    import os, time
    for _ in range(6):
        os.fork()
    time.sleep(5)
    return 9.0
