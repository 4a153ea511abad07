# crashed out_of_memory timeout
# As before, within the limit on the length of a line.
# generate
"def f(x):\n    return (" + ("not " * 2000 + "\n") * 3 + "x)"
