# crashed
# The class of its class decides what its name is: not a string.
def f(x):
    class Meta(type):
        @property
        def __name__(cls):
            raise SystemExit(0)
    class Evil(Exception, metaclass=Meta):
        pass
    raise Evil("text")
