# crashed
# The line that fails is told in the verdict, and clears a terminal.
# generate
"def f(x):\n    return 1 / 0 # \x1b[2J\x1b]0;owned\x07\u202e"
