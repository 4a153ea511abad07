# crashed
# Escapes that name nothing.
# generate
"def f(x):\n    return len('\\N{NO SUCH CHARACTER}\\U99999999\\x')"
