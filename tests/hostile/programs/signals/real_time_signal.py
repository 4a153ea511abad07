# crashed forbidden
# Dies of a signal without a name.
def f(x):
    import signal
    signal.raise_signal(47)
    return 9.0
