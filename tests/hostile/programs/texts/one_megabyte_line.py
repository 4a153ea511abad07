# ok 3.0 crashed timeout
# One line of a million characters.
# generate
"def f(x):\n    return len('" + "x" * 1_000_000 + "') / 1e6"
