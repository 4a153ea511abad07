# ok 3.0 crashed out_of_memory timeout
# Thirty thousand variables.
# generate
"def f(x):\n" + "".join(f"    v{n} = x\n" for n in range(30_000)) + "    return 1.0"
