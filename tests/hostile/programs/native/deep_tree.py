# crashed out_of_memory timeout
# Compiles a syntax tree that no parser would build.
def f(x):
    import ast, sys
    sys.setrecursionlimit(10 ** 9)
    tree = ast.Constant(1)
    for _ in range(200_000):
        tree = ast.UnaryOp(ast.USub(), tree)
    return float(eval(compile(ast.fix_missing_locations(ast.Expression(tree)), "", "eval")))
