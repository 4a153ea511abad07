# crashed out_of_memory timeout
# A chain of ten thousand attributes.
# generate
"def f(x):\n    return x" + ".real" * 10_000
