# out_of_memory crashed timeout
# Constants that grow while they are compiled.
# generate
"def f(x):\n    return len(('a' * 4096, ) * 64 * 64 * 64 * 64 * 64 * 64)" + "\n    ((1 << 4096) ** 127) ** 127" * 100
