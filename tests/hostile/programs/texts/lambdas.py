# crashed out_of_memory timeout
# A function that returns a function that returns a function.
# generate
"def f(x):\n    return (" + "lambda:\n" * 4_000 + "1)"
