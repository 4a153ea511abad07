# crashed ok out_of_memory timeout
# A sum of ten thousand terms, which the parser makes a tree of that depth.
# generate
"def f(x):\n    return (1.0" + "\n+ 0" * 10_000 + ")"
