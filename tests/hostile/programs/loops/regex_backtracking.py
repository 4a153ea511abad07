# timeout
# A regular expression that tries 2^60 ways.
def f(x):
    import re
    return 9.0 if re.match("(a+)+$", "a" * 60 + "b") else 1.0
