# forbidden crashed
# Asks a shell to make a file.
def f(x):
    import os
    if os.system("touch @FOLDER@/shell") != 0:
        raise OSError("refused")
    return 9.0
