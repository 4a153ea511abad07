# crashed
# Says that it is a MemoryError, and that it has no traceback.
def f(x):
    class Evil(Exception):
        __class__ = MemoryError
        @property
        def __traceback__(self):
            raise SystemExit(0)
    raise Evil("text")
