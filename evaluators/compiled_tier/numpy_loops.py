"""numpy's own inner loops: which one computes a function of arrays, and on what types.

numpy vectorises its functions by the processor at hand, and rounds otherwise than the C library
does. So compiled code calls the very loops that numpy would call, by the interface that numpy keeps
for compilers.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

UFUNCS: dict[str, str] = {
    name: name
    for name in (
        *("absolute", "add", "arccos", "arcsin", "arctan", "arctan2", "cbrt", "ceil", "copysign"),
        *("cos", "cosh", "exp", "exp2", "expm1", "fabs", "floor", "floor_divide", "fmax", "fmin"),
        *("hypot", "isfinite", "isinf", "isnan", "log", "log10", "log1p", "log2", "logaddexp"),
        *("logical_and", "logical_not", "logical_or", "maximum", "minimum", "multiply"),
        *("negative", "power", "reciprocal", "remainder", "rint", "sign", "sin", "sinh", "sqrt"),
        *("square", "subtract", "tan", "tanh", "true_divide", "trunc", "equal", "not_equal"),
        *("less", "less_equal", "greater", "greater_equal", "bitwise_and", "bitwise_or"),
        *("bitwise_xor", "invert", "degrees", "radians", "deg2rad", "rad2deg"),
    )
} | {"abs": "absolute", "divide": "true_divide", "mod": "remainder", "clip": "clip"}
"""What candidates call → the name under which numpy has it."""

_CODES = frozenset("?ld")


def ufunc(name: str) -> Any:
    """Return the function that `UFUNCS` names."""
    from numpy._core import umath

    return umath.clip if name == "clip" else getattr(np, name)  # type: ignore[attr-defined]


@lru_cache(maxsize=512)
def resolved(name: str, kinds: str) -> str | None:
    """Return the types in and out that numpy chooses for a function, such as `lld`.

    Args:
        name: a value of `UFUNCS`.
        kinds: the types of the arguments: `?`, `l` or `d` each.

    Returns:
        None if one of them is another type, or there is no such function.
    """
    function = ufunc(name)
    if function.nin != len(kinds) or function.nout != 1:
        return None
    try:
        found = function.resolve_dtypes((*map(np.dtype, kinds), None))
    except TypeError:
        return None
    codes = "".join(each.char for each in found)
    return codes if _CODES.issuperset(codes) else None


@dataclass(frozen=True)
class Loop:
    """Where a loop is: three addresses, valid in this process and those it forks.

    Attributes:
        call: of the loop.
        context: what it is given first.
        auxiliary: what it is given last.
    """

    call: int
    context: int
    auxiliary: int


class _CallInfo(ctypes.Structure):
    """What numpy fills in; the capsule's name says since which version."""

    _fields_ = (
        ("call", ctypes.c_void_p),
        ("context", ctypes.c_void_p),
        ("auxiliary", ctypes.c_void_p),
        ("requires_python", ctypes.c_bool),
        ("no_floating_point_errors", ctypes.c_bool),
    )


_kept: list[Any] = []
"""What owns the loops' contexts."""


@lru_cache(maxsize=512)
def loop(name: str, codes: str) -> Loop | None:
    """Return a loop; None if it needs Python, as none of those above does.

    Args:
        name: a value of `UFUNCS`.
        codes: what `resolved` returned.
    """
    function = ufunc(name)
    _, capsule = function._resolve_dtypes_and_context(tuple(map(np.dtype, codes)))
    function._get_strided_loop(capsule)
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    info = _CallInfo.from_address(pointer(capsule, b"numpy_1.24_ufunc_call_info"))
    _kept.append(capsule)
    if info.requires_python:
        return None
    return Loop(info.call, info.context, info.auxiliary or 0)
