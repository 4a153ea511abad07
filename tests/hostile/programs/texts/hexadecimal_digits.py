# crashed timeout
# An integer of half a million hexadecimal digits, for which there is no guard.
# generate
"def f(x):\n    return 0x" + "f" * 500_000
