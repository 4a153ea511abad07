# crashed out_of_memory timeout
# Opens brackets and never closes them.
# generate
"def f(x):\n    return " + "[" * 500_000
