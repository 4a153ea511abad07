# forbidden crashed
# Becomes another program.
def f(x):
    import os
    os.execv("/bin/touch", ["touch", "@FOLDER@/execv"])
