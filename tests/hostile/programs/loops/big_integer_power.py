# timeout out_of_memory
# One bytecode, a gigabit result.
def f(x):
    return (9 ** 9 ** (9 + x)) % 2
