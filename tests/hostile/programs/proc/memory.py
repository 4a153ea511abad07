# forbidden crashed
# Writes its own memory through the file system, past all page rights.
def f(x):
    return float(open("/proc/self/mem", "r+b").write(b""))
