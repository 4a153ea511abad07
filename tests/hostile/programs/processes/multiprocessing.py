# forbidden crashed
# Starts workers of its own.
def f(x):
    import multiprocessing
    with multiprocessing.Pool(2) as pool:
        return 9.0 * len(pool.map(abs, [1]))
