"""Arrays by name, in and out of one text of bytes: how the columns of a search are kept in a file.

Nothing in such a text is unpickled, and nothing is believed: who takes a column says what form and
which values it may have.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)

Columns = Mapping[str, NDArray[Any]]
"""Arrays by name."""
Json = dict[str, Any]
MOST = 2**53 - 1
"""The largest count; no run comes near it."""

_LAYOUT = b"funsearch columns 1\n"
_DTYPES = frozenset({"|u1", "<i4", "<i8", "<u8", "<f8"})
_DIGEST_BYTES = 32
_HEADER_BYTES = 1 << 26
"""Most bytes of the header: facts about a hundred thousand samples under way fit."""
_MOST_DIMENSIONS = 2


class Stale(ValueError):
    """A text of no use here, though perhaps intact: of another version, or another search."""


def pack(facts: Json, columns: Columns) -> bytes:
    """Return facts and columns as one text, the same one for equal arguments.

    A line with the version of the layout; a line of JSON, with the facts and the name, dtype and
    shape of each column; the columns' bytes, one after the other, in C order and little endian;
    the SHA-256 of all that, in 32 bytes.

    Args:
        facts: what JSON can hold; no number that is not finite.
        columns: of the dtypes uint8, int32, int64, uint64 and float64.
    """
    forms = [[name, column.dtype.str, list(column.shape)] for name, column in columns.items()]
    assert _DTYPES.issuperset(dtype for _, dtype, _ in forms), forms
    header = json.dumps(
        {"columns": forms, "facts": facts}, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    total = sha256()
    parts: list[bytes | memoryview] = [_LAYOUT, header.encode(), b"\n"]
    parts += [np.ascontiguousarray(column).data for column in columns.values() if column.size]
    for part in parts:
        total.update(part)
    return b"".join([*parts, total.digest()])


def unpack(data: bytes) -> tuple[Json, dict[str, NDArray[Any]]]:
    """Return the facts and the columns of a text, which may be anybody's.

    Args:
        data: what `pack` returned. The columns are read-only views of it.

    Raises:
        Stale: it is of another layout.
        ValueError: it is damaged; one line says how.
    """
    if not data.startswith(_LAYOUT):
        raise Stale("is not of the layout that this version writes")
    end = len(data) - _DIGEST_BYTES
    if sha256(memoryview(data)[:end]).digest() != data[end:]:
        raise ValueError("is damaged: its last 32 bytes are not the digest of what is before them")
    at = data.find(b"\n", len(_LAYOUT), len(_LAYOUT) + _HEADER_BYTES) + 1
    try:
        header = _parsed(data[len(_LAYOUT) : at].decode("ascii"))
        facts = header["facts"]
        forms = [(str(name), str(dtype), _shape(form)) for name, dtype, form in header["columns"]]
    except (KeyError, TypeError, ValueError, RecursionError):
        raise ValueError("has no header of this layout") from None
    if not isinstance(facts, dict) or not _DTYPES.issuperset(dtype for _, dtype, _ in forms):
        raise ValueError("has no header of this layout")
    columns: dict[str, NDArray[Any]] = {}
    for name, dtype, shape in forms:
        size = np.dtype(dtype).itemsize * math.prod(shape)
        if size > end - at:
            raise ValueError("is shorter than its header says")
        columns[name] = np.ndarray(shape, dtype, data, at)
        at += size
    if at != end or len(columns) != len(forms):
        raise ValueError("is longer than its header says")
    return facts, columns


def column(
    columns: Columns,
    name: str,
    dtype: type[T],
    shape: tuple[int | None, ...],
    low: int | None = None,
    high: int | None = None,
) -> NDArray[T]:
    """Return a copy of a column that is as it must be.

    Args:
        columns: somebody's.
        name: of the one wanted.
        dtype: it must have.
        shape: it must have; None stands for any length.
        low: least value of an entry; None for no such limit.
        high: greatest value of an entry; None for no such limit.

    Raises:
        ValueError: it is missing, or another; one line says what is wrong.
    """
    found = columns.get(name)
    if found is None:
        raise ValueError(f"lacks the column {name}")
    fits = len(found.shape) == len(shape) and all(
        wanted in (None, length) for wanted, length in zip(shape, found.shape, strict=True)
    )
    if found.dtype != np.dtype(dtype) or not fits:
        raise ValueError(f"column {name} is not of the form that it must have")
    below = low is not None and found.size and found.min() < low
    above = high is not None and found.size and found.max() > high
    if below or above:
        raise ValueError(f"column {name} has a value out of range")
    return found.copy()


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a finite number")


_parsed = json.JSONDecoder(parse_constant=_refuse).decode


def _shape(lengths: Any) -> tuple[int, ...]:
    """Return a shape that an array can have."""
    shape = tuple(lengths)
    if not 1 <= len(shape) <= _MOST_DIMENSIONS:
        raise ValueError("has too many dimensions, or none")
    if not all(type(length) is int and 0 <= length < 1 << 48 for length in shape):
        raise ValueError("has no such length")
    return shape
