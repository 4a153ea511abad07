"""What of numpy, math and Python treats places one by one, by name; all else is refused."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

COMPARING = frozenset(
    {"equal", "greater", "greater_equal", "less", "less_equal", "not_equal"}
    | {"isfinite", "isinf", "isnan", "signbit"}
    | {"logical_and", "logical_not", "logical_or", "logical_xor"}
)
COMPUTING = frozenset(
    {"abs", "absolute", "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2"}
    | {"arctanh", "bitwise_and", "bitwise_or", "bitwise_xor", "cbrt", "ceil", "copysign", "cos"}
    | {"cosh", "deg2rad", "degrees", "divide", "exp", "exp2", "expm1", "fabs", "float_power"}
    | {"floor", "floor_divide", "fmax", "fmin", "fmod", "gcd", "heaviside", "hypot", "invert"}
    | {"lcm", "left_shift", "log", "log10", "log1p", "log2", "logaddexp", "logaddexp2", "maximum"}
    | {"minimum", "mod", "multiply", "negative", "nextafter", "positive", "power", "rad2deg"}
    | {"radians", "reciprocal", "remainder", "right_shift", "rint", "sign", "sin", "sinh", "sqrt"}
    | {"square", "subtract", "tan", "tanh", "true_divide", "trunc"}
)
UFUNCS = MappingProxyType({name: getattr(np, name).nin for name in COMPARING | COMPUTING})
"""Function of numpy → number of its operands; one more would be the array it writes to."""

NUMPY = MappingProxyType({**UFUNCS, "clip": 3, "isclose": 2, "nan_to_num": 1, "where": 3})
BOOLEAN = COMPARING | {"isclose"}
LIKE = MappingProxyType({"zeros_like": 1, "ones_like": 1, "full_like": 2})
FILLED = MappingProxyType({"zeros": 1, "ones": 1, "full": 2})

MATH = frozenset(
    {"acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "comb"}
    | {"copysign", "cos", "cosh", "degrees", "erf", "erfc", "exp", "exp2", "expm1", "fabs"}
    | {"factorial", "floor", "fmod", "gamma", "gcd", "hypot", "isclose", "isfinite", "isinf"}
    | {"isnan", "isqrt", "lcm", "ldexp", "lgamma", "log", "log10", "log1p", "log2", "perm", "pow"}
    | {"radians", "remainder", "sin", "sinh", "sqrt", "tan", "tanh", "trunc"}
)
"""Functions that raise TypeError for an array of two or more entries."""

INTEGRAL = frozenset(
    {"abs", "absolute", "add", "clip", "floor_divide", "maximum", "minimum", "mod", "multiply"}
    | {"negative", "remainder", "sign", "square", "subtract", "where"}
)
"""Functions of numpy that make integers of integers."""

EXTREMES = frozenset({"max", "min", "amax", "amin"})
QUANTIFIERS = frozenset({"any", "all"})

CONSTANTS = frozenset({"inf", "nan", "pi", "e"})
BUILTIN_TYPES = frozenset({"float", "int", "bool"})
NUMPY_TYPES = frozenset({"float64", "float32", "int64", "int32", "bool_"})
BOOLEAN_TYPES = frozenset({"bool", "bool_"})
INTEGER_TYPES = BOOLEAN_TYPES | {"int", "int64", "int32"}
