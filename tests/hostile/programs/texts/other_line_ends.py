# ok 3.0 crashed
# Characters that end a line for a reader and not for Python.
# generate
"def f(x):\n    return 1.0 #\u2028    return 9.0\x85\x0b\x1c"
