# ok 3.0
# Opens as many brackets as may be.
# generate
"def f(x):\n    return " + "(" * 60 + "1.0" + ")" * 60
