# crashed forbidden ok 3.0
# Replaces what ends the child, so that it would go on as if it were the zygote.
def f(x):
    import os
    os._exit = lambda code: None
    return 1.0
