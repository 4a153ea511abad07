# forbidden crashed
# Makes a file in a folder that everybody may write to.
def f(x):
    with open("@FOLDER@/writes", "w") as file:
        file.write("hostile")
    return 9.0
