# ok 3.0 crashed timeout
# A comment of a million characters.
# generate
"# " + "x" * 1_000_000 + "\ndef f(x):\n    return 1.0"
