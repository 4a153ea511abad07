# ok 3.0
# Code that reads as a comment, and a comment that reads as code.
# generate
"def f(x):\n    '\u202e\u2066 return 9.0 \u2069\u2066'\n    return 1.0 # \u202e 0.9 nruter"
