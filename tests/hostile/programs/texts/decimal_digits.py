# crashed timeout
# An integer of a hundred thousand digits.
# generate
"def f(x):\n    return " + "9" * 100_000
