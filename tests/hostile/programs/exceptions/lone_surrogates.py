# crashed
# The message cannot be encoded.
def f(x):
    raise ValueError("\ud800\udfff" * 1000)
