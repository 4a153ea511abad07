# crashed out_of_memory timeout ok
# Ninety functions in each other, each with a variable of all others.
# generate
"def f(x):\n" + "".join(" " * (n + 1) + f"def g{n}(a{n}=x):\n" for n in range(90)) + " " * 91 + "return " + "+".join(f"a{n}" for n in range(90)) + "\n return 1.0"
