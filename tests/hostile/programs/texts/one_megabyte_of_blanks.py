# ok 3.0 crashed timeout
# One line of a million blanks.
# generate
"def f(x):\n    return" + " " * 1_000_000 + "1.0"
