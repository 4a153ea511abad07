# ok nondeterministic invalid
# Returns what lies in fresh memory.
def f(x):
    return float(np.empty(100_003, np.uint32)[x::7].sum())
