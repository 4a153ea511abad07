# forbidden crashed
# Learns where everything lies in memory.
def f(x):
    return float(len(open("/proc/self/maps").read()))
