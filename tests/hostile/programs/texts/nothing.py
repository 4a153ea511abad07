# crashed
# An empty text.
# generate
""
