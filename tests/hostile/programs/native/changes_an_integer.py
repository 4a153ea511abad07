# ok crashed timeout invalid out_of_memory
# Makes every 1 of the process a 2, also those of the engine.
def f(x):
    import ctypes
    ctypes.c_uint32.from_address(id(1) + 24).value = 2
    return 1.0
