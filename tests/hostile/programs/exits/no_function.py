# crashed
# Defines nothing.
g = 1.0
