# out_of_memory timeout
# Appends until nothing is left.
def f(x):
    grown = []
    while True:
        grown.append([0] * 1000)
