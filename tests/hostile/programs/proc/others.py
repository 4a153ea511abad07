# forbidden crashed
# Reads the environment of other processes.
def f(x):
    import os
    read = 0
    for pid in (1, os.getppid(), os.getpid()):
        for name in ("environ", "cmdline", "status"):
            try:
                read += len(open(f"/proc/{pid}/{name}", "rb").read()) > 0
            except OSError:
                pass
    if not read:
        raise OSError("refused")
    return 9.0
