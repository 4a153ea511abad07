# crashed
# The function is a class; what it returns is an instance.
class f(float):
    pass
