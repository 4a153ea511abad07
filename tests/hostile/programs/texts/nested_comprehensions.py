# timeout crashed out_of_memory
# Loops in loops in loops.
# generate
"def f(x):\n    return sum(1" + "".join(f" for v{n} in range(1000)" for n in range(19)) + ")"
