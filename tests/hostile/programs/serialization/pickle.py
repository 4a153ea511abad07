# crashed forbidden
# Unpickles a call of the shell.
def f(x):
    import pickle
    pickle.loads(b"cos\nsystem\n(S'touch @FOLDER@/pickle'\ntR.")
    raise OSError("refused")
