# forbidden crashed
# Makes an empty file, which a limit on size does not prevent.
def f(x):
    import os
    os.close(os.open("@FOLDER@/creates", os.O_CREAT | os.O_WRONLY))
    return 9.0
