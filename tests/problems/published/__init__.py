"""Values that others published or proved, and how they are reached: one module a problem.

Each has `VALUES`, a list of `Reached` and `Accepted`.
"""
