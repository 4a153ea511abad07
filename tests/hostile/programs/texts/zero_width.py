# crashed
# A name with a character that cannot be seen.
# generate
"def f(x):\n    y\u200b = 9.0\n    return 1.0"
