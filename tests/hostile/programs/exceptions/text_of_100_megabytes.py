# crashed out_of_memory timeout
# The message is a hundred million characters long.
def f(x):
    raise ValueError("x" * 100_000_000)
