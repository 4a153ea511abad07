"""What the pictures of certificates share: the checks that hostile data must pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from problems.contract import Data

Array = NDArray[Any]

__all__ = ["Array", "Data", "Unsuited", "integers", "number_in", "require"]

_LARGEST = 2**53
"""Numbers of an instance up to this are exact as floats."""


class Unsuited(Exception):
    """The certificate or the instance is not what the picture is for."""


def require(condition: object) -> None:
    """Give up unless a condition holds.

    Raises:
        Unsuited: it does not.
    """
    if not condition:
        raise Unsuited


def number_in(data: Data, key: str, low: int, high: int = _LARGEST) -> int:
    """Return an integer of an instance.

    Raises:
        Unsuited: there is none from `low` to `high`.
    """
    value = data.get(key)
    if type(value) is not int or not low <= value <= high:
        raise Unsuited
    return value


def integers(data: Data, key: str, most: int) -> NDArray[np.float64]:
    """Return a list of integers of an instance, as floats.

    Raises:
        Unsuited: there is none, it is too long, or one is too large.
    """
    values = data.get(key)
    if not isinstance(values, list | tuple):
        raise Unsuited
    row = cast("Sequence[object]", values)
    if len(row) > most or not all(type(v) is int and abs(v) <= _LARGEST for v in row):
        raise Unsuited
    return np.array(row, dtype=np.float64)
