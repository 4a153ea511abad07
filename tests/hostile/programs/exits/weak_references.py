# ok 3.0 crashed
# Registers calls for the end of its objects, and of the process.
def f(x):
    import weakref
    class Mortal:
        pass
    mortal = Mortal()
    reference = weakref.ref(mortal, lambda _: 1 / 0)
    weakref.finalize(f, lambda: [None for _ in iter(int, 1)])
    return 1.0
