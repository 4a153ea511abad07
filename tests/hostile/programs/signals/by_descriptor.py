# forbidden crashed
# Signals the zygote by a descriptor of it.
def f(x):
    import os, signal
    signal.pidfd_send_signal(os.pidfd_open(os.getppid()), signal.SIGURG)
    return 9.0
