# forbidden crashed
# Signals process numbers around its own, among them the pool's.
def f(x):
    import os, signal
    sent = 0
    for pid in range(max(1, os.getpid() - 200), os.getpid()):
        try:
            os.kill(pid, signal.SIGURG)
            sent += 1
        except OSError:
            pass
    if not sent:
        raise OSError("refused")
    return 9.0
