# ok 3.0
# Leaves objects that spin when they are finalized at the end of the process.
class Sticky:
    def __del__(self):
        while True:
            pass

STICKY = Sticky()

def f(x):
    return 1.0
