"""Random certificates, bred from ones that are known to be valid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from funsearch.problem_check.feed import Certificate, Fed, changed, letters, neighbours
from problems.contract import Array

_MOST_KNOWN = 64
"""Certificates that others are made of."""


class Varied:
    """Random certificates made of ones that are known; those that prove valid join them."""

    def __init__(
        self, declared: Array, models: Sequence[Certificate], random: np.random.Generator
    ) -> None:
        """Begin with models: at least one."""
        self._declared = declared
        self._random = random
        self._first = list(models)
        self._known = list(models)
        occurring = {letter for model in models for letter in letters(model)}
        near = {value for letter in occurring for value in neighbours(letter, declared)}
        self._letters = sorted(occurring | near) or [0]

    def learn(self, array: Certificate) -> None:
        """Take a valid certificate as a model; the oldest that was learnt may go for it."""
        if len(self._known) >= _MOST_KNOWN:
            del self._known[len(self._first)]
        self._known.append(array)

    def next(self) -> Fed:
        """Return a certificate: a model changed in one to three ways."""
        array = self._known[int(self._random.integers(len(self._known)))]
        ways: list[str] = []
        for _ in range(int(self._random.integers(1, 4))):
            # Most keep the shape: where that is fixed, others are refused for it alone.
            choices = self._KEEPING if self._random.random() < 0.7 else self._RESHAPING
            way = choices[int(self._random.integers(len(choices)))]
            result = way(self, array)
            if result.size <= self._declared.max_elements:
                array = np.array(result, order="C")
                ways.append(way.__name__.strip("_").replace("_", " "))
        return Fed(array, f"a known one with {', then '.join(ways)}")

    def _an_entry_changed(self, array: Certificate) -> Certificate:
        return changed(array, self._below(array.size), self._letter()) if array.size else array

    def _entries_changed(self, array: Certificate) -> Certificate:
        result = array.copy()
        chosen = self._random.random(array.shape) < 0.1
        result[chosen] = self._drawn((int(np.count_nonzero(chosen)),))
        return result

    def _two_entries_swapped(self, array: Certificate) -> Certificate:
        result = array.copy()
        if array.size:
            flat, one, other = result.reshape(-1), self._below(array.size), self._below(array.size)
            flat[one], flat[other] = flat[other], flat[one]
        return result

    def _two_values_exchanged(self, array: Certificate) -> Certificate:
        one, other = self._letter(), self._letter()
        exchanged = np.where(array == one, other, np.where(array == other, one, array))
        return exchanged.astype(array.dtype)

    def _rows_permuted(self, array: Certificate) -> Certificate:
        return self._random.permutation(array, axis=0) if array.ndim else array

    def _columns_permuted(self, array: Certificate) -> Certificate:
        return self._random.permutation(array, axis=-1) if array.ndim else array

    def _rows_of_another(self, array: Certificate) -> Certificate:
        other = self._known[self._below(len(self._known))]
        if array.ndim == 0 or array.shape != other.shape:
            return array
        chosen = self._random.random(len(array)) < 0.5
        return np.where(chosen.reshape(-1, *[1] * (array.ndim - 1)), array, other)

    def _every_entry_drawn(self, array: Certificate) -> Certificate:
        return self._drawn(array.shape)

    def _some_rows(self, array: Certificate) -> Certificate:
        if array.ndim == 0:
            return array
        share = self._random.random()
        return array[self._random.random(len(array)) < share]

    def _a_row_dropped(self, array: Certificate) -> Certificate:
        if array.ndim == 0 or not len(array):
            return array
        return np.delete(array, self._below(len(array)), axis=0)

    def _a_row_twice(self, array: Certificate) -> Certificate:
        if array.ndim == 0 or not len(array):
            return array
        row, to = self._below(len(array)), self._below(len(array) + 1)
        return np.insert(array, to, array[row], axis=0)

    def _a_row_drawn(self, array: Certificate) -> Certificate:
        if array.ndim == 0:
            return array
        row = self._drawn(array.shape[1:])
        return np.insert(array, self._below(len(array) + 1), row, axis=0)

    def _a_row_of_another(self, array: Certificate) -> Certificate:
        other = self._known[self._below(len(self._known))]
        if array.ndim == 0 or not len(other) or other.shape[1:] != array.shape[1:]:
            return array
        return np.concatenate([array, other[[self._below(len(other))]]])

    def _a_column_less(self, array: Certificate) -> Certificate:
        if array.ndim < 2 or not array.shape[-1]:
            return array
        return array[..., : self._below(array.shape[-1])]

    def _a_column_more(self, array: Certificate) -> Certificate:
        if array.ndim < 2:
            return array
        return np.concatenate([array, self._drawn((*array.shape[:-1], 1))], axis=-1)

    def _below(self, most: int) -> int:
        return int(self._random.integers(most))

    def _letter(self) -> Any:
        return self._letters[self._below(len(self._letters))]

    def _drawn(self, shape: tuple[int, ...]) -> Certificate:
        choices = np.array(self._letters, self._declared.dtype)
        return choices[self._random.integers(len(choices), size=shape)]

    _KEEPING: ClassVar[tuple[Callable[[Any, Certificate], Certificate], ...]] = (
        _an_entry_changed,
        _entries_changed,
        _two_entries_swapped,
        _two_values_exchanged,
        _rows_permuted,
        _columns_permuted,
        _rows_of_another,
        _every_entry_drawn,
    )
    _RESHAPING: ClassVar[tuple[Callable[[Any, Certificate], Certificate], ...]] = (
        _some_rows,
        _a_row_dropped,
        _a_row_twice,
        _a_row_drawn,
        _a_row_of_another,
        _a_column_less,
        _a_column_more,
    )
