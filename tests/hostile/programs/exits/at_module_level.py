# crashed
# Asks the interpreter to end before there is a function.
import sys
sys.exit(0)

def f(x):
    return 9.0
