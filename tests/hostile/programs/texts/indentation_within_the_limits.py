# crashed ok 3.0
# As many levels of indentation as there may be, each a block.
# generate
"def f(x):\n" + "".join(" " * (n + 1) + "if True:\n" for n in range(97)) + " " * 98 + "return 1.0"
