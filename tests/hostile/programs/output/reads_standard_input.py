# crashed forbidden
# Waits for somebody to type.
def f(x):
    return float(len(input("password: ")))
