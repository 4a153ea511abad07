# forbidden crashed
# Changes what the root folder is.
def f(x):
    import os
    os.chroot("@FOLDER@")
    return 9.0
