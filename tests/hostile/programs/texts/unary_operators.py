# crashed out_of_memory timeout
# Negates a number thirty thousand times.
# generate
"def f(x):\n    return " + "-" * 30_000 + "1"
