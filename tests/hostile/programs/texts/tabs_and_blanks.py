# crashed
# Indentation that depends on how wide a tab is.
# generate
"def f(x):\n\tif x:\n        return 9.0\n\treturn 1.0"
