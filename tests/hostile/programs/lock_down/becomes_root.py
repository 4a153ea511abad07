# forbidden crashed
# Takes back the user it was started by.
def f(x):
    import os
    os.setresuid(0, 0, 0)
    os.setgroups([0])
    return 9.0
