# ok 3.0 crashed
# Form feeds and vertical tabs reset the column of an indentation.
# generate
"\f\fdef f(x):\n\f    if x < 0:\n\f        return 9.0\n    return 1.0"
