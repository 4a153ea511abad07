# ok 3.0
# A function whose name becomes the right one only when it is normalized.
# generate
"def \uff46(x):\n    return 1.0"
