# crashed
# Asks for another grammar.
from __future__ import braces

def f(x):
    return 1.0
