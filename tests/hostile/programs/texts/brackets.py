# crashed
# Opens more brackets than the parser can count.
# generate
"def f(x):\n    return " + "(" * 5_000 + "1.0" + ")" * 5_000
