# forbidden crashed
# Reads the environment that the process was started with.
def f(x):
    return float(len(open("/proc/self/environ", "rb").read()))
