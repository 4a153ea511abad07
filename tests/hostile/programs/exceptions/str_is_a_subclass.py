# crashed
# Its text is a string with methods of its own.
def f(x):
    class Text(str):
        def __getitem__(self, key):
            return self
        def __format__(self, spec):
            return "x" * 50_000_000
        def __bool__(self):
            raise SystemExit(0)
        def __len__(self):
            return -1
    class Evil(Exception):
        def __str__(self):
            return Text("evil")
    raise Evil
