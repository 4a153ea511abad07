# crashed
# Asking for its text raises itself.
def f(x):
    class Recursive(BaseException):
        def __str__(self):
            raise self
    raise Recursive
