"""Choices among alternatives, drawn from one generator."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

import numpy as np

T = TypeVar("T")


class Table(Generic[T]):
    """Alternatives with weights."""

    def __init__(self, rows: Iterable[tuple[float, T]]) -> None:
        kept = [(weight, value) for weight, value in rows if weight > 0]
        self.values = tuple(value for _, value in kept)
        self._sums = list(accumulate(weight for weight, _ in kept))

    def at(self, share: float) -> T:
        """Return the alternative at a share of the total weight, from 0 up to but not 1."""
        return self.values[bisect_right(self._sums, share * self._sums[-1])]


class Dice:
    """A generator, asked in the few ways that a search over trees needs."""

    def __init__(self, generator: np.random.Generator) -> None:
        self._random = generator.random

    def chance(self, probability: float) -> bool:
        """Return True with that probability."""
        return self._random() < probability

    def normal(self) -> float:
        """Return a number of the standard normal distribution."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self._random()))
        return radius * math.cos(2.0 * math.pi * self._random())

    def below(self, count: int) -> int:
        """Return one of 0 … count - 1."""
        return int(self._random() * count)

    def pick(self, values: Sequence[T]) -> T:
        """Return one of the values, of which there is at least one."""
        return values[int(self._random() * len(values))]

    def weigh(self, table: Table[T]) -> T:
        """Return one of a table's alternatives, by weight."""
        return table.at(self._random())
