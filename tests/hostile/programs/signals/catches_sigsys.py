# forbidden crashed
# Handles the filter's own signal and tries again.
def f(x):
    import signal, socket
    signal.signal(signal.SIGSYS, lambda *_: None)
    socket.socket()
    return 9.0
