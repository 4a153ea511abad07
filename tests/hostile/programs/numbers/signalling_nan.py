# invalid
# A NaN with an unusual pattern of bits.
def f(x):
    return np.frombuffer(b"\x01\x00\x00\x00\x00\x00\xf4\xff")[0]
