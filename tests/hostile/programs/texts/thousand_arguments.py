# ok 3.0 crashed timeout
# Five thousand parameters.
# generate
"def f(x, " + ",\n".join(f"a{n}=0" for n in range(5_000)) + "):\n    return 1.0"
