# crashed
# What has the function's name cannot be called.
f = 1.0
