# crashed
# Format strings in format strings.
# generate
"def f(x):\n    return float(" + "f'{" * 200 + "1" + "}'" * 200 + ")"
