# timeout out_of_memory crashed
# Spins inside a linear algebra routine.
def f(x):
    matrix = np.ones((1000, 1000))
    while True:
        matrix = matrix @ matrix / 1000
