# forbidden crashed
# Runs a program and reads what it prints.
def f(x):
    import os
    return float(len(os.popen("id; touch @FOLDER@/popen").read()))
