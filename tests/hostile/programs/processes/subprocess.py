# forbidden crashed
# Runs a program the usual way.
def f(x):
    import subprocess
    subprocess.run(["/bin/touch", "@FOLDER@/subprocess"], check=True)
    return 9.0
