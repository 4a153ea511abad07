# crashed
# More levels of indentation than there may be.
# generate
"def f(x):\n" + "".join(" " * (n + 1) + "if True:\n" for n in range(150)) + " " * 151 + "return 1.0"
