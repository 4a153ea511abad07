# ok 3.0 crashed
# A byte order mark before the first character.
# generate
"\ufeffdef f(x):\n    return 1.0"
