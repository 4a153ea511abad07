# crashed
# Returns an array of objects that would run code where they are unpickled.
def f(x):
    import os
    class Evil:
        def __reduce__(self):
            return os.system, ("touch @FOLDER@/object_array",)
    return np.array([Evil()], object)
