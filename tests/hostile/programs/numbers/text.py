# crashed
# Returns a text that reads as a number.
def f(x):
    return "1000"
