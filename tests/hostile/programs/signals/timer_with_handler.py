# timeout crashed forbidden
# Has the system interrupt it a thousand times a second, and goes on.
def f(x):
    import signal
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    while True:
        pass
