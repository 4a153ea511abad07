"""Domains: which values an annotation stands for, so that samplers can write fresh ones.

A domain is the second argument of `typing.Annotated`, anywhere in the parameters or the returned
value of a function to evolve:

    def f(n: Annotated[int, Range(1, 9)]) -> list[Annotated[tuple[int, ...], Vector(3, "n")]]

Samplers read the text of the first line, so that arguments are literals: integers, or the name of
a parameter in quotes. A sampler takes its value from the names of the training instances, such as
`n=8`; where these do not agree on one, it draws nothing from the domain. (The quotes keep linters
content, which know of no parameters in annotations.)

Randomness comes in as a function that returns one of 0 … count - 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeGuard

Size = int | str
"""An integer, or the name of a parameter that holds it."""
Below = Callable[[int], int]
"""Returns one of 0 … count - 1, all equally likely."""


class Domain(Protocol):
    """Values that a program can write out: an int, or a tuple of ints."""

    def __contains__(self, value: object) -> bool:
        """Whether a value belongs here; every object may be asked about."""
        ...

    def draw(self, below: Below) -> Any:
        """Return one of the values."""
        ...

    def vary(self, value: Any, below: Below) -> Any:
        """Return a value close to one of them: another one, where there are several."""
        ...


@dataclass(frozen=True)
class Range:
    """The integers from `low` to `high`, both included."""

    low: Size
    high: Size

    @property
    def values(self) -> range:
        """All of them."""
        return range(_known(self.low), _known(self.high) + 1)

    def __contains__(self, value: object) -> bool:
        """Whether a value belongs here."""
        return type(value) is int and value in self.values

    def draw(self, below: Below) -> int:
        """Return any of the integers."""
        return self.values[below(len(self.values))]

    def vary(self, value: int, below: Below) -> int:
        """Return the integer before or after."""
        step = 1 if below(2) else -1
        return next((other for other in (value + step, value - step) if other in self), value)


@dataclass(frozen=True)
class Permutation:
    """The orders of 0 … n - 1, as tuples."""

    n: Size

    def __contains__(self, value: object) -> bool:
        """Whether a value belongs here."""
        n = _known(self.n)
        return _are_ints(value, n) and sorted(value) == list(range(n))

    def draw(self, below: Below) -> tuple[int, ...]:
        """Return any of the orders."""
        return _shuffled(range(_known(self.n)), below)

    def vary(self, value: tuple[int, ...], below: Below) -> tuple[int, ...]:
        """Exchange two entries."""
        return _swapped(value, below)


@dataclass(frozen=True)
class SignedPermutation:
    """The orders of 1 … n with any signs, as tuples: (2, -1, 3) stands for (x2, -x1, x3)."""

    n: Size

    def __contains__(self, value: object) -> bool:
        """Whether a value belongs here."""
        n = _known(self.n)
        return _are_ints(value, n) and sorted(map(abs, value)) == list(range(1, n + 1))

    def draw(self, below: Below) -> tuple[int, ...]:
        """Return, half of the time, any of them, and else one that moves few places."""
        places = range(1, _known(self.n) + 1)
        if below(2):
            return tuple(i if below(2) else -i for i in _shuffled(places, below))
        value = tuple(places)
        for _ in range(1 + below(4)):
            value = self.vary(value, below)
        return value

    def vary(self, value: tuple[int, ...], below: Below) -> tuple[int, ...]:
        """Exchange two entries, or turn the sign of one."""
        if len(value) > 1 and below(2):
            return _swapped(value, below)
        place = below(len(value))
        return (*value[:place], -value[place], *value[place + 1 :])


@dataclass(frozen=True)
class Vector:
    """The tuples of `length` entries from 0 to `modulus` - 1."""

    modulus: Size
    length: Size

    def __contains__(self, value: object) -> bool:
        """Whether a value belongs here."""
        modulus = _known(self.modulus)
        return _are_ints(value, _known(self.length)) and all(0 <= x < modulus for x in value)

    def draw(self, below: Below) -> tuple[int, ...]:
        """Return any of the tuples."""
        modulus = _known(self.modulus)
        return tuple(below(modulus) for _ in range(_known(self.length)))

    def vary(self, value: tuple[int, ...], below: Below) -> tuple[int, ...]:
        """Change one entry."""
        place, modulus = below(len(value)), _known(self.modulus)
        entry = (value[place] + 1 + below(modulus - 1)) % modulus
        return (*value[:place], entry, *value[place + 1 :])


DOMAINS: dict[str, Callable[..., Domain]] = {
    kind.__name__: kind for kind in (Range, Permutation, SignedPermutation, Vector)
}
"""All domains, by the name that an annotation gives them."""


def _known(size: Size) -> int:
    if isinstance(size, str):
        raise ValueError(f"the value of {size} is not known here")
    return size


def _are_ints(value: object, count: int) -> TypeGuard[tuple[int, ...]]:
    """Whether this is a plain tuple of so many plain ints."""
    if type(value) is not tuple:
        return False
    entries: tuple[object, ...] = value
    return len(entries) == count and all(type(entry) is int for entry in entries)


def _swapped(value: tuple[int, ...], below: Below) -> tuple[int, ...]:
    """Exchange two different places, if there are two."""
    if len(value) < 2:
        return value
    first, apart = below(len(value)), 1 + below(len(value) - 1)
    entries = list(value)
    second = (first + apart) % len(value)
    entries[first], entries[second] = entries[second], entries[first]
    return tuple(entries)


def _shuffled(values: range, below: Below) -> tuple[int, ...]:
    """Return the values in any order."""
    entries = list(values)
    for place in range(len(entries) - 1, 0, -1):
        other = below(place + 1)
        entries[place], entries[other] = entries[other], entries[place]
    return tuple(entries)
