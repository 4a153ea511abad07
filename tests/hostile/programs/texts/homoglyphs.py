# ok 3.0 crashed
# Names that look alike, and names that are alike after normalization.
# generate
"def \uff46(x):\n    \u0445 = 9.0\n    \u0661 = 1\n    return 1.0"
