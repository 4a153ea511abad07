# crashed
# The name of its class holds control characters.
def f(x):
    raise type("\x1b[31mOK\u202e" + "N" * 100_000, (Exception,), {})("text")
