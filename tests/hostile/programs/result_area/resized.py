# crashed forbidden
# Changes the size of the memory it shares with the worker.
def f(x):
    import gc, mmap
    gc.unfreeze()
    for each in gc.get_objects():
        memory = getattr(each, "_memory", None)
        if isinstance(memory, mmap.mmap):
            memory.resize(4096)
            return 9.0
    raise LookupError("not found")
