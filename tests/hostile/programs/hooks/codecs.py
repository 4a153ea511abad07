# ok 3.0 crashed
# Replaces how texts are encoded and decoded.
def f(x):
    import codecs
    def evil(name):
        return codecs.CodecInfo(lambda *_: (b"\xff" * 4096, 1), lambda *_: ("\x1b", 1), name="utf-8")
    codecs.unregister
    codecs.register(evil)
    codecs.register_error("strict", lambda error: ("\x1b[2J", error.end))
    codecs.register_error("ignore", lambda error: ("\x1b[2J", error.end))
    return 1.0
