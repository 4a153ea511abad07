# out_of_memory
# Raises a MemoryError with most of the memory free.
def f(x):
    raise MemoryError("sandbox_error: try again")
