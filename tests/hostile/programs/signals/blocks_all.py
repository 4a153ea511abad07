# timeout crashed forbidden
# Blocks every signal, then spins.
def f(x):
    import signal
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    while True:
        pass
