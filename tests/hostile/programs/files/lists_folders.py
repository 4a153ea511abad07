# forbidden crashed
# Lists the root folder.
def f(x):
    import os
    return float(len(os.listdir("/")))
