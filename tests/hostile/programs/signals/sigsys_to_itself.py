# forbidden crashed
# Pretends that the kernel's filter stopped it.
def f(x):
    import signal
    signal.raise_signal(signal.SIGSYS)
    return 9.0
