# crashed timeout out_of_memory forbidden
# Loads marshalled code that no compiler wrote.
def f(x):
    import marshal
    code = (lambda: [1, 2, 3]).__code__
    data = marshal.dumps(code)
    exec(marshal.loads(data.replace(code.co_code, (b"\x64\xff\x53\x07" * 99)[: len(code.co_code)])))
    raise ValueError("survived")
