# crashed
# Is not Python.
# generate
"Sure! Here is an improved version:\n\ndef f(x)\n    return 9.0"
