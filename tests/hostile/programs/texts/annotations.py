# ok 3.0 crashed forbidden
# Runs code in its annotations.
def f(x: __import__("os").system("touch @FOLDER@/annotations") = 0) -> open("/etc/passwd"):
    return 1.0
