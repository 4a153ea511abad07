# forbidden crashed
# Reads a file that everybody may read.
def f(x):
    return float(len(open("/etc/passwd").read()))
