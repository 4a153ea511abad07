# crashed out_of_memory timeout
# Context managers in context managers.
# generate
"def f(x):\n" + "".join(" " * (n + 1) + f"with x as v{n}:\n" for n in range(19)) + " " * 20 + "return 1.0"
