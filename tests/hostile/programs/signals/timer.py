# crashed forbidden
# Has the system send it SIGALRM.
def f(x):
    import signal
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    while True:
        pass
