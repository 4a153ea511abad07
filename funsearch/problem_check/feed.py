"""Certificates to try an evaluator with: extreme, nearly right, all small ones, and random ones.

All but those of `of_another_kind` and `not_finite` pass the gate before `score`: an array of the
declared dtype, number of dimensions and largest size.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from problems.contract import Array

Certificate = NDArray[Any]

_MOST_LETTERS = 8
"""Different values beyond which arrays are not enumerated."""
_LARGE = 1_000
"""Elements beyond which a shape is filled with two values only."""
_MOST_PLACES = 400
"""Places of a certificate that are changed one at a time; others are drawn at random."""


@dataclass(frozen=True)
class Fed:
    """A certificate and where it comes from.

    Attributes:
        array: the certificate.
        made: how, for a person.
    """

    array: Certificate
    made: str


def of_another_kind(declared: Array, model: Certificate) -> Iterator[Fed]:
    """Yield what the gate must refuse: wrong types, dtypes, dimensions and sizes."""
    yield Fed(model.tolist(), "a list")  # type: ignore[arg-type]
    yield Fed(np.ma.masked_array(model), "a masked array")
    for dtype in ("int64", "int32", "uint8", "float64", "float32", "bool", "complex128", "O", "U1"):
        if np.dtype(dtype) != np.dtype(declared.dtype):
            yield Fed(np.zeros(model.shape, dtype), f"an array of {dtype}")
    swapped = np.dtype(declared.dtype).newbyteorder()
    if swapped != np.dtype(declared.dtype):
        yield Fed(model.astype(swapped), "an array of the other byte order")
    yield Fed(model[np.newaxis], "one dimension more")
    if declared.ndim:
        yield Fed(np.zeros((1,) * (declared.ndim - 1), declared.dtype), "one dimension less")
        shape = (declared.max_elements + 1,) + (1,) * (declared.ndim - 1)
        yield Fed(np.zeros(shape, declared.dtype), "one element too many")
    for value, name in _not_finite(declared):
        yield Fed(_filled((1,) * declared.ndim, value, declared), f"an array of {name}")


def not_finite(declared: Array, model: Certificate) -> Iterator[Fed]:
    """Yield certificates with NaN and infinities, one of them and nothing else; none for ints."""
    for value, name in _not_finite(declared):
        yield Fed(_filled(model.shape, value, declared), f"all {name}")
        for place in sorted({0, model.size // 2, model.size - 1}) if model.size else ():
            yield Fed(changed(model, place, value), f"{name} at {_place(model, place)}")


def extreme(declared: Array, model: Certificate) -> Iterator[Fed]:
    """Yield empty, huge, negative, constant and misshapen certificates."""
    values = [value for value in _extremes(declared) if math.isfinite(value)]
    for shape in _shapes(declared, model):
        # A judge may need long for a large one, and has seen the values in smaller ones.
        count = {0: 1}.get(math.prod(shape), 2 if math.prod(shape) > _LARGE else len(values))
        for value in values[:count]:
            yield Fed(_filled(shape, value, declared), f"all {value} in shape {shape}")


def one_changed(declared: Array, model: Certificate, random: np.random.Generator) -> Iterator[Fed]:
    """Yield the model with one entry changed, in every place if there are not too many.

    Every place gets a neighbour of its value, another value that occurs, and an extreme one.
    """
    flat = model.reshape(-1)
    places: Sequence[int] = range(model.size)
    if model.size > _MOST_PLACES:
        places = np.sort(random.choice(model.size, _MOST_PLACES, replace=False)).tolist()
    occurring = letters(model)
    outliers = [value for value in _extremes(declared) if math.isfinite(value)]
    for place in places:
        own = flat[place].item()
        others = [letter for letter in occurring if letter != own]
        wanted = [*neighbours(own, declared), outliers[place % len(outliers)]]
        if others:
            wanted.append(others[int(random.integers(len(others)))])
        for value in dict.fromkeys(wanted):
            if value != own:
                made = f"the entry at {_place(model, place)} changed from {own!r} to {value!r}"
                yield Fed(changed(model, place, value), made)


@dataclass(frozen=True)
class Small:
    """All certificates of some small shapes over a few values.

    Attributes:
        letters: the values, ascending.
        shapes: the shapes, smallest first.
        dtype: of the certificates.
    """

    letters: Sequence[Any]
    shapes: Sequence[tuple[int, ...]]
    dtype: str

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(len(self.letters) ** math.prod(shape) for shape in self.shapes)

    def all(self) -> Iterator[Fed]:
        """Yield every one of them."""
        for shape in self.shapes:
            for entries in itertools.product(self.letters, repeat=math.prod(shape)):
                array = np.array(entries, self.dtype).reshape(shape)
                yield Fed(array, f"one of all arrays in shape {shape}")

    def words(self) -> str:
        """Return what they are, in a few words."""
        shapes = f"shape {self.shapes[0]}"
        if len(self.shapes) > 1:
            shapes = f"shapes {self.shapes[0]} to {self.shapes[-1]}"
        return f"all {self.count} arrays of {', '.join(map(str, self.letters))} in {shapes}"


def small(declared: Array, models: Sequence[Certificate], most: int) -> Small | None:
    """Return the largest family of small certificates with at most `most` members.

    Its values are those that occur in the models, its shapes theirs with any number of rows. None
    where that would say nothing: floats, too many values, or not even one entry.
    """
    if declared.ndim == 0 or np.dtype(declared.dtype).kind == "f":
        return None
    used = sorted({letter for model in models for letter in letters(model)})
    if not used or len(used) > _MOST_LETTERS:
        return None
    if declared.dtype != "bool" and used[-1] - used[0] < _MOST_LETTERS:
        used = list(range(used[0], used[-1] + 1))
    rest = models[0].shape[1:]
    shapes: list[tuple[int, ...]] = []
    left = most
    for rows in itertools.count():
        shape = (rows, *rest)
        entries = math.prod(shape)
        if entries > declared.max_elements or entries > 64 or len(used) ** entries > left:
            break
        left -= len(used) ** entries
        shapes.append(shape)
        if not math.prod(rest):
            break
    return Small(used, shapes, declared.dtype) if len(shapes) > 1 else None


def _not_finite(declared: Array) -> Iterator[tuple[float, str]]:
    if np.dtype(declared.dtype).kind == "f":
        yield from ((math.nan, "NaN"), (math.inf, "infinity"), (-math.inf, "minus infinity"))


def _extremes(declared: Array) -> list[Any]:
    """Return values at and near the ends of the dtype, and small ones."""
    kind = np.dtype(declared.dtype)
    if kind.kind == "b":
        return [False, True]
    if kind.kind == "f":
        most, least = np.finfo(kind).max.item(), np.finfo(kind).smallest_subnormal.item()
        return [0.0, -0.0, 1.0, -1.0, most, -most, least, -least, 0.5]
    low, high = int(np.iinfo(kind).min), int(np.iinfo(kind).max)
    wanted = (0, 1, 2, -1, high, low, high - 1, low + 1, high // 2, -(high // 2))
    return [value for value in dict.fromkeys(wanted) if low <= value <= high]


def _shapes(declared: Array, model: Certificate) -> list[tuple[int, ...]]:
    """Return the model's shape, empty ones, thin ones, transposed, and about the largest."""
    if declared.ndim == 0:
        return [()]
    shape: tuple[int, ...] = model.shape
    rest = shape[1:]
    row = math.prod(rest)
    wanted = [
        shape,
        (0,) * declared.ndim,
        (0, *rest),
        (*shape[:-1], 0),
        (1, *rest),
        (2, *rest),
        (1,) * declared.ndim,
        shape[::-1],
        (shape[0] + 1, *rest),
        (max(0, shape[0] - 1), *rest),
        (*shape[:-1], shape[-1] + 1),
        (declared.max_elements // max(1, row), *rest),
        (*(1,) * (declared.ndim - 1), declared.max_elements),
    ]
    return [each for each in dict.fromkeys(wanted) if math.prod(each) <= declared.max_elements]


def letters(array: Certificate) -> list[Any]:
    """Return the values that occur, ascending."""
    return np.unique(array).tolist()


def neighbours(value: Any, declared: Array) -> list[Any]:
    """Return the values next to one, of the dtype."""
    kind = np.dtype(declared.dtype)
    if kind.kind == "b":
        return [not value]
    if kind.kind == "f":
        wanted = [value * (1 + 1e-3), value * (1 - 1e-9), value + 1e-6, -value]
        # Rounded to the dtype, so that a change that vanishes there is none.
        with np.errstate(over="ignore"):
            rounded = [np.array(each).astype(kind).item() for each in wanted]
        return [each for each in rounded if each != value and math.isfinite(each)]
    low, high = np.iinfo(kind).min, np.iinfo(kind).max
    return [each for each in (value - 1, value + 1) if low <= each <= high]


def _filled(shape: tuple[int, ...], value: Any, declared: Array) -> Certificate:
    return np.full(shape, value, declared.dtype)


def changed(array: Certificate, place: int, value: Any) -> Certificate:
    """Return a copy with another value at one place of the flat array."""
    copy = array.copy()
    copy.reshape(-1)[place] = value
    return copy


def _place(array: Certificate, place: int) -> str:
    return str([int(index) for index in np.unravel_index(place, array.shape)])
