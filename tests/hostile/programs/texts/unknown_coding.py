# ok 3.0 crashed
# Says that it is written in an encoding that does not exist.
# generate
"# -*- coding: hostile -*-\ndef f(x):\n    return 1.0"
