# crashed out_of_memory timeout
# Code in `finally` is compiled twice: exponentially much for nested ones.
# generate
"def f(x):\n" + "".join(" " * (n + 1) + "try: pass\n" + " " * (n + 1) + "finally:\n" for n in range(19)) + " " * 20 + "return 1.0"
