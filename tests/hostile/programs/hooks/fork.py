# ok 3.0
# Registers code to run in the zygote's later children.
def f(x):
    import os
    os.register_at_fork(before=lambda: 1 / 0, after_in_child=lambda: 1 / 0)
    return 1.0
