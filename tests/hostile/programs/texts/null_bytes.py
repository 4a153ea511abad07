# crashed
# A null byte, where some parsers see the end.
# generate
"def f(x):\n    return 1.0\x00\n    return 9.0"
