# crashed
# The message reads backwards, and hides a part of itself.
def f(x):
    raise ValueError("\u202e\u2066eslaf\u2069\u200b\u200d\ufeff\u2028\u2029\U000e0041")
