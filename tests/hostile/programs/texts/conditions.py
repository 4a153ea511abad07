# crashed out_of_memory timeout ok 3.0
# Six thousand conditions in one expression.
# generate
"def f(x):\n    return (" + "1.0 if x else\n" * 2_300 + "1.0)"
