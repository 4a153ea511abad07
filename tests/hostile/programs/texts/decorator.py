# ok 3.0 crashed forbidden
# Runs code in its decorator, and becomes what that returns.
@lambda function: __import__("os").mkdir("@FOLDER@/decorator") or function
def f(x):
    return 1.0
