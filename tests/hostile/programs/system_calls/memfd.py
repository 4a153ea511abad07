# forbidden crashed
# Makes a file that has no name, to run or to map it.
def f(x):
    import os
    os.memfd_create("funsearch-hostile")
    return 9.0
