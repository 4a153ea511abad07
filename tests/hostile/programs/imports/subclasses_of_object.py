# crashed forbidden
# Finds a way to the system through the subclasses of `object`.
def f(x):
    for each in object.__subclasses__():
        if each.__name__ == "_wrap_close":
            each.__init__.__globals__["system"]("touch @FOLDER@/subclasses")
    raise OSError("refused")
