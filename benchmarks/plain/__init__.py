"""Plain implementations of problems, as one would write them first: one module a problem.

Each has `CASES`, a tuple of `Case`.
"""
