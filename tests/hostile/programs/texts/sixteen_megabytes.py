# ok 3.0 crashed out_of_memory timeout
# As large as a reply may ever be.
# generate
"def f(x):\n    return 1.0\n" + "# hostile\n" * 1_600_000
