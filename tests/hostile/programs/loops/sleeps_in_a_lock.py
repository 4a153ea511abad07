# timeout crashed forbidden
# Waits for a lock nobody will release.
def f(x):
    import _thread
    lock = _thread.allocate_lock()
    lock.acquire()
    lock.acquire()
    return 1.0
