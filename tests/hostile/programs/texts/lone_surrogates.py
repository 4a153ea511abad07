# crashed
# A text that cannot be encoded.
# generate
"def f(x):\n    return len('\ud800')"
