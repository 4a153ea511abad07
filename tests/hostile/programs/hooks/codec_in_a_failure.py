# crashed
# As before, and then raises what cannot be encoded.
def f(x):
    import codecs
    for name in ("strict", "ignore", "replace", "surrogateescape"):
        codecs.register_error(name, lambda error: ("\x1b[2J", error.end))
    raise ValueError("\ud800\x1b[2J")
