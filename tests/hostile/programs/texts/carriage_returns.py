# ok 3.0 crashed
# Lines that end in carriage returns alone, so that a reader sees one.
# generate
"def f(x):\r    return 1.0\r    return 9.0"
