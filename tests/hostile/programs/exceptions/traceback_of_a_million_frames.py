# crashed out_of_memory timeout
# Raises through very many frames.
def f(x):
    import sys
    sys.setrecursionlimit(200_000)
    def deeper(left):
        if not left:
            raise ValueError("deep")
        deeper(left - 1)
    deeper(100_000)
