# crashed forbidden
# Has numpy unpickle from memory.
def f(x):
    import io, pickle
    head = b"\x93NUMPY\x01\x00v\x00" + b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b"\n"
    np.load(io.BytesIO(head + b"cos\nsystem\n(S'touch @FOLDER@/numpy_load'\ntR."), allow_pickle=True)
    raise OSError("refused")
