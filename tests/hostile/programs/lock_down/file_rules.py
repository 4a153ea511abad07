# forbidden crashed
# Makes file rules that allow everything, and opens a file.
def f(x):
    import ctypes
    call = ctypes.CDLL(None).syscall
    rules = call(444, (ctypes.c_uint64 * 1)(0), 8, 0)
    call(446, rules, 0)
    return float(len(open("/etc/passwd").read()))
