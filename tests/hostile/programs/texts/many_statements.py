# ok 3.0 crashed out_of_memory timeout
# Sixty thousand statements.
# generate
"def f(x):\n" + "    x = x\n" * 60_000 + "    return 1.0"
