# forbidden crashed timeout
# Moves to another session and group, and spins.
def f(x):
    import os
    for move in (os.setsid, os.setpgrp):
        try:
            move()
        except OSError:
            pass
    while True:
        pass
