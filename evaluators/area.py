"""The result area: shared memory of fixed layout through which a child returns what it built.

The child and whatever it started can write anything anywhere in it at any time before they are
dead. So a reader copies first and judges the copy, every number in it is checked against limits
from outside, and none of it decides alone whether a candidate succeeded.
"""

from __future__ import annotations

import math
import mmap
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators import reason
from evaluators.verdict import REASON_BYTES, Certificate
from problems.contract import MAX_NDIM, Array, Invalid

_PAGE = 4096
_WORD = 8
_TEXT = 64
"""Where the text starts; the words before it: outcome, its length, instance, start, tier."""
_SLOT_HEAD = 128
"""Bytes before a slot's data: whether it is complete, then the shape."""


class Outcome(IntEnum):
    """What a child says about its own failure."""

    NONE = 0
    CRASHED = 1
    INVALID = 2
    OUT_OF_MEMORY = 3
    COMPILE = 4
    """It is to be run again from the start, compiled."""
    KERNEL = 5
    """It is to be run again from the start, in the zygote that has numba."""


class Tier(IntEnum):
    """How a child says that it ran all calls of the candidate."""

    INTERPRETER = 0
    ARRAY = 1
    COMPILED = 2


@dataclass(frozen=True)
class Layout:
    """Where things are.

    Attributes:
        declared: what one certificate looks like.
        slots: number of certificates.
    """

    declared: Array
    slots: int

    @property
    def stride(self) -> int:
        """Bytes from one slot to the next."""
        return _up(_SLOT_HEAD + self.declared.max_bytes)

    @property
    def size(self) -> int:
        """Bytes of the whole area."""
        return _up(_TEXT + REASON_BYTES) + self.slots * self.stride

    def slot(self, index: int) -> int:
        """Return the offset of a slot."""
        return _up(_TEXT + REASON_BYTES) + index * self.stride


def _up(size: int) -> int:
    return -(-size // _PAGE) * _PAGE


def check(result: object, declared: Array) -> NDArray[Any]:
    """Return `construct`'s result if it is an array as declared.

    Raises:
        Invalid: it is not; the message says what it was and what it may be.
    """
    if type(result) is not np.ndarray:
        raise Invalid(f"built a {type(result).__name__}, not an array")
    array: NDArray[Any] = result
    if array.dtype != np.dtype(declared.dtype):
        raise Invalid(f"built an array of {array.dtype.name}, not of {declared.dtype}")
    if array.ndim != declared.ndim:
        raise Invalid(f"built an array of {array.ndim} dimensions, not {declared.ndim}")
    if array.size > declared.max_elements:
        raise Invalid(f"built {array.size} elements; at most {declared.max_elements} are taken")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise Invalid("built an array that holds NaN or an infinity")
    return array


class Area:
    """The result area as one process has it mapped.

    The child calls `begin`, `put`, `fail` and `ran_in`; the zygote `progress`; the worker the rest.
    """

    def __init__(self, memory: mmap.mmap, layout: Layout) -> None:
        self._memory = memory
        self._layout = layout
        self._head = np.frombuffer(memory, np.uint64, _TEXT // _WORD)

    @classmethod
    def of(cls, descriptor: int, layout: Layout) -> Area:
        """Map the memory that a descriptor is open on, which the caller may close then."""
        return cls(mmap.mmap(descriptor, layout.size), layout)

    def clear(self) -> None:
        """Set every byte to zero and give the pages back, before each fork."""
        self._memory.madvise(mmap.MADV_REMOVE)

    def begin(self, index: int, now_ns: int) -> None:
        """Note that the instance of that index is worked on from now on."""
        self._head[2] = index
        self._head[3] = now_ns

    def put(self, index: int, result: object) -> None:
        """Store what was built for an instance; raises `Invalid` if it is not as declared."""
        array = check(result, self._layout.declared)
        words = self._slot_words(index)
        target = np.frombuffer(
            self._memory, array.dtype, array.size, self._layout.slot(index) + _SLOT_HEAD
        )
        target[:] = array.reshape(-1)
        words[1 : 1 + array.ndim] = array.shape
        words[0] = 1

    def fail(self, outcome: Outcome, text: str) -> None:
        """Store why there will be no further result."""
        data = reason.clean(text).encode()
        self._memory[_TEXT : _TEXT + len(data)] = data
        self._head[1] = len(data)
        self._head[0] = outcome

    def ran_in(self, tier: Tier) -> None:
        """Store how the candidate was run; until then it counts as interpreted."""
        self._head[4] = tier

    def tier(self) -> Tier:
        """Return how the child says that it ran the candidate; it may lie."""
        number = int(self._head[4])
        return Tier(number) if number in tuple(Tier) else Tier.INTERPRETER

    def progress(self) -> tuple[int, int]:
        """Return which instance the child says it is at, and since when; it may lie."""
        return min(int(self._head[2]), self._layout.slots - 1), int(self._head[3])

    def failure(self) -> tuple[Outcome, str]:
        """Return the child's own word on its failure, cleaned."""
        outcome, length = int(self._head[0]), min(int(self._head[1]), REASON_BYTES)
        text = reason.decode(self._memory[_TEXT : _TEXT + length])
        return (Outcome(outcome) if outcome in tuple(Outcome) else Outcome.NONE), text

    def complete(self, index: int) -> bool:
        """Whether the child says that it stored a result for the instance of that index."""
        return int(self._slot_words(index)[0]) == 1

    def take(self, index: int) -> tuple[Certificate, NDArray[Any]]:
        """Return a copy of what was stored for an instance, judged from outside.

        Returns:
            The certificate, and its data as a writable array of their own.

        Raises:
            Invalid: it is not what the problem declares.
        """
        declared = self._layout.declared
        words = [int(word) for word in self._slot_words(index)]
        shape = tuple(words[1 : 1 + declared.ndim])
        # Each length by itself too: beside a zero, a product hides any size.
        if max(shape, default=0) > declared.max_elements or (
            math.prod(shape) > declared.max_elements
        ):
            raise Invalid(f"built more than the {declared.max_elements} elements that are taken")
        start = self._layout.slot(index) + _SLOT_HEAD
        kind = np.dtype(declared.dtype)
        data = bytes(self._memory[start : start + math.prod(shape) * kind.itemsize])
        if kind.kind == "b" and data.strip(b"\0\1"):
            raise Invalid("built an array of bool with other bytes than 0 and 1")
        array = np.frombuffer(data, kind).reshape(shape).copy()
        return Certificate(declared.dtype, shape, data), check(array, declared)

    def _slot_words(self, index: int) -> NDArray[np.uint64]:
        return np.frombuffer(self._memory, np.uint64, 1 + MAX_NDIM, self._layout.slot(index))
