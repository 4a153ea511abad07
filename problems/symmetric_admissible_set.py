"""Admissible sets A(n, w) that stay the same when coordinates are turned within triples.

The n coordinates are taken in threes, and each triple may be turned, (a, b, c) to (c, a, b), by
itself. A set is written as rows, one for all vectors that arise from it by such turns. The form
and the greedy construction are those of Romera-Paredes et al. (Nature 625, 2024, Supplement).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial, reduce
from operator import and_, or_
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from problems.admissible_set import first_fault, masks, remark
from problems.contract import (
    Array,
    Candidate,
    Instance,
    Invalid,
    Known,
    Limits,
    Metric,
    Problem,
)
from problems.kernels import kernel
from problems.order import by_priority

SIZES = ((12, 7), (15, 10), (21, 15), (24, 17))

LETTERS = ((0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 1, 2), (0, 2, 1), (1, 1, 1), (2, 2, 2))
"""What a triple may be, up to turns. Turns of (0, 1, 1) and (0, 2, 2) are not told apart, those of
(1, 1, 2) and (1, 2, 2) have no 0 to differ in its place."""

APART = ((0, 1, 2), (0, 0, 1), (0, 0, 2))
"""Values, in order, by which a coordinate tells three vectors apart."""

EXPANDED_UP_TO = 15
"""Coordinates up to which a set is judged vector by vector, beyond only row by row."""

BIT_SETS_UP_TO = 1 << 12
"""Rows up to which the greedy works with integers as bit sets, beyond in a kernel. The kernel is no
slower, but has a run visit two processes, which costs more than the rest at these sizes."""

_CHUNK = 1 << 16
"""Rows for which priorities are asked for at once."""


def priority(el: tuple[int, ...], n: int, w: int) -> float:
    """Return how early a row should join a growing symmetric admissible set A(n, w).

    `el` holds n coordinates, each 0, 1 or 2, of which w are not 0. Each three, el[0:3], el[3:6],
    and so on, are 000, 001, 002, 012, 021, 111 or 222, and stand for all their cyclic shifts: the
    row is the set of vectors that arise if each three are shifted by themselves. The vectors of
    all rows differ in the places of their nonzero coordinates, and any three of them have a
    coordinate where their values are {0, 1, 2}, {0, 0, 1} or {0, 0, 2}. Rows are taken greedily
    in order of decreasing priority; the goal is many vectors. Minus infinity means never.
    """
    return 0.0


@lru_cache(maxsize=2)
def words(n: int, w: int) -> NDArray[np.int8]:
    """Return the rows as numbers of letters, in lexicographic order: int8, shape (rows, n / 3)."""
    weights = np.count_nonzero(LETTERS, axis=1)
    found, weight = np.zeros((1, 0), dtype=np.int8), np.zeros(1, dtype=np.int64)
    for place in range(n // 3):
        column = np.tile(np.arange(len(LETTERS), dtype=np.int8), len(found))
        found = np.column_stack([found.repeat(len(LETTERS), axis=0), column])
        weight = weight.repeat(len(LETTERS)) + weights[column]
        # The places that are left may still add 0 to 3 each.
        fits = (weight <= w) & (weight + 3 * (n // 3 - place - 1) >= w)
        found, weight = found[fits], weight[fits]
    return found


@lru_cache(maxsize=2)
def _rows(n: int, w: int) -> NDArray[np.int8]:
    """Return the rows as vectors, in lexicographic order: int8, shape (rows, n)."""
    return np.array(LETTERS, dtype=np.int8)[words(n, w)].reshape(-1, n)


@lru_cache(maxsize=2)
def _arguments(n: int, w: int) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """Return the rows as tuples, in chunks."""
    rows = _rows(n, w)
    return tuple(
        tuple(map(tuple, rows[start : start + _CHUNK].tolist()))
        for start in range(0, len(rows), _CHUNK)
    )


@lru_cache(maxsize=1)
def alike() -> NDArray[np.bool_]:
    """Return for which three letters some turns have no coordinate that tells the three apart.

    Returns:
        bool, shape (7, 7, 7).
    """
    turns = [{a[i:] + a[:i] for i in range(3)} for a in LETTERS]
    table = np.zeros((len(LETTERS),) * 3, dtype=np.bool_)
    for letters in itertools.product(range(len(LETTERS)), repeat=3):
        table[letters] = any(
            not any(tuple(sorted(values)) in APART for values in zip(*triples, strict=True))
            for triples in itertools.product(*(turns[letter] for letter in letters))
        )
    return table


def construct(candidate: Candidate, instance: Instance) -> NDArray[np.int8]:
    """Take rows in order of priority, ties to the lower index of the lexicographic list.

    The rule for ties changes the result: most priorities tie often. Priorities are compared as
    float64. Minus infinity means never; NaN and plus infinity are refused.

    Returns:
        int8 array, shape (rows, n): the rows in the order they were taken.
    """
    n, w = _parameters(instance)
    rows = words(n, w)
    few = len(rows) <= BIT_SETS_UP_TO
    if not few:
        # Asked for nothing, it still is a kernel: a run that must move to where there is numba
        # does so before it asks the candidate.
        _greedy(np.zeros(0, dtype=np.int64), rows[:0], alike(), w)
    priorities = np.concatenate([candidate.map(chunk, n, w) for chunk in _arguments(n, w)])
    order = by_priority(priorities)
    taken = _greedy_by_bits(order, n, w) if few else _greedy(order, rows, alike(), w)
    return _rows(n, w)[taken]


_Table: TypeAlias = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class _Bits:
    """Which rows rule out which, as bit sets: bit i is set where row i is among them.

    Places are taken in pairs, the last of an odd number alone; the letters of a row at a pair are a
    number in base 7.

    Attributes:
        alike: per pair, by the numbers of two rows: the third rows that are alike with them there.
        numbers: int8, shape (rows, pairs): of each row at each pair.
        same: per profile, which is the weights in all places: the rows that have it.
        profile: integer, shape (rows,): which one each row has.
    """

    alike: tuple[_Table, ...]
    numbers: NDArray[np.int8]
    same: tuple[int, ...]
    profile: NDArray[np.intp]


@lru_cache(maxsize=2)
def _bits(n: int, w: int) -> _Bits:
    rows = words(n, w)
    tables: list[_Table] = []
    numbers: list[NDArray[np.int8]] = []
    for start in range(0, n // 3, 2):
        number, *last = rows[:, start : start + 2].T
        table = _thirds(number)
        for letters in last:
            table = tuple(
                tuple(one & two for one in ones for two in twos)
                for ones in table
                for twos in _thirds(letters)
            )
            number = 7 * number + letters
        # One object for equal sets: a process that is forked copies each page whose counts of
        # references it changes.
        known: dict[int, int] = {}
        tables.append(tuple(tuple(known.setdefault(x, x) for x in each) for each in table))
        numbers.append(number)
    weights = np.count_nonzero(LETTERS, axis=1)[rows]
    kinds, profile = np.unique(weights, axis=0, return_inverse=True)
    same = tuple(_set(profile == kind) for kind in range(len(kinds)))
    return _Bits(tuple(tables), np.stack(numbers, axis=1), same, profile)


def _thirds(letters: NDArray[np.int8]) -> _Table:
    """Return, by two letters, the rows whose letter is alike with them."""
    return tuple(tuple(_set(third[letters]) for third in thirds) for thirds in alike())


def _set(members: NDArray[np.bool_]) -> int:
    return int.from_bytes(np.packbits(members, bitorder="little").tobytes(), "little")


def _greedy_by_bits(order: NDArray[np.intp], n: int, w: int) -> list[int]:
    """Return the indices of the rows that are taken, in that order; the same as `_greedy`."""
    bits = _bits(n, w)
    blocked = 0
    taken: list[int] = []
    # Per pair of places: the numbers of the rows that are taken.
    before: list[list[int]] = [[] for _ in bits.alike]
    for index in order.tolist():
        if blocked >> index & 1:
            continue
        numbers = bits.numbers[index].tolist()
        parts = [
            map(table[number].__getitem__, others)
            for table, number, others in zip(bits.alike, numbers, before, strict=True)
        ]
        ruled_out = reduce(partial(map, and_), parts)
        blocked = reduce(or_, ruled_out, blocked | bits.same[bits.profile[index]])
        for number, others in zip(numbers, before, strict=True):
            others.append(number)
        taken.append(index)
    return taken


@kernel
def _greedy(
    order: NDArray[np.int64], rows: NDArray[np.int8], alike: NDArray[np.bool_], w: int
) -> NDArray[np.int64]:
    """Return the indices of the rows that are taken, in that order.

    Args:
        order: int64, shape (at most rows,): indices of rows, the first to be tried first.
        rows: int8, shape (rows, places): letters.
        alike: bool, shape (7, 7, 7), as from `alike`.
        w: weight of a row.
    """
    places = rows.shape[1]
    weights = np.array([0, 1, 1, 2, 2, 3, 3])
    # Of two letters: the third ones that are alike, and how many.
    thirds = np.zeros((7, 7, 7), dtype=np.int64)
    count = np.zeros((7, 7), dtype=np.int64)
    for a in range(7):
        for b in range(7):
            for c in range(7):
                if alike[a, b, c]:
                    thirds[a, b, count[a, b]] = c
                    count[a, b] += 1
    # By number in base 7 and in base 4: rows ruled out, and weights that are taken.
    blocked = np.zeros(7**places, dtype=np.bool_)
    occupied = np.zeros(4**places, dtype=np.bool_)
    taken = np.empty(min(len(order), 4**places), dtype=np.int64)
    size = 0
    # The third row is walked through place by place: at each, which third letter is next, and
    # number and weight of those before; and what the places from there on weigh at least and most.
    following = np.zeros(places + 1, dtype=np.int64)
    number = np.zeros(places + 1, dtype=np.int64)
    weight = np.zeros(places + 1, dtype=np.int64)
    least = np.zeros(places + 1, dtype=np.int64)
    most = np.zeros(places + 1, dtype=np.int64)
    for index in order:
        new = rows[index]
        own = 0
        profile = 0
        for place in range(places):
            own = 7 * own + new[place]
            profile = 4 * profile + weights[new[place]]
        if blocked[own] or occupied[profile]:
            continue
        occupied[profile] = True
        for earlier in taken[:size]:
            old = rows[earlier]
            for place in range(places - 1, -1, -1):
                low = 3
                high = 0
                for k in range(count[new[place], old[place]]):
                    third = weights[thirds[new[place], old[place], k]]
                    low = min(low, third)
                    high = max(high, third)
                least[place] = least[place + 1] + low
                most[place] = most[place + 1] + high
            place = 0
            following[0] = 0
            while place >= 0:
                k = following[place]
                if k == count[new[place], old[place]]:
                    place -= 1
                    continue
                following[place] = k + 1
                letter = thirds[new[place], old[place], k]
                reached = weight[place] + weights[letter]
                if reached + least[place + 1] > w or reached + most[place + 1] < w:
                    continue
                if place == places - 1:
                    blocked[7 * number[place] + letter] = True
                    continue
                number[place + 1] = 7 * number[place] + letter
                weight[place + 1] = reached
                following[place + 1] = 0
                place += 1
        taken[size] = index
        size += 1
    return taken[:size]


def expand(rows: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return all vectors that arise from rows by turns of their triples, the rows themselves last.

    Args:
        rows: int8, shape (rows, n).

    Returns:
        int8, shape (vectors, n); none twice unless one arises from two rows.
    """
    vectors = rows
    for start in range(0, rows.shape[1], 3):
        triple = vectors[:, start : start + 3]
        turning = vectors[(triple != triple[:, :1]).any(axis=1)]
        turned = [turning.copy(), turning.copy()]
        for steps, each in enumerate(turned, 1):
            each[:, start : start + 3] = np.roll(turning[:, start : start + 3], steps, axis=1)
        vectors = np.concatenate([*turned, vectors])
    return vectors


@kernel
def _first_alike(rows: NDArray[np.int8], alike: NDArray[np.bool_]) -> tuple[int, int, int]:
    """Return indices of three different rows whose letters are alike everywhere, or -1 thrice.

    Args:
        rows: int8, shape (rows, places): letters.
        alike: bool, shape (7, 7, 7), as from `alike`.
    """
    size, places = rows.shape
    # Per place and two letters: the rows, 64 to a word, whose letter there is alike with them.
    among = np.zeros((places, 7, 7, (size + 63) // 64), dtype=np.uint64)
    for i in range(size):
        for place in range(places):
            for a in range(7):
                for b in range(7):
                    if alike[a, b, rows[i, place]]:
                        among[place, a, b, i // 64] |= np.uint64(1) << np.uint64(i % 64)
    for i in range(size):
        for j in range(i):
            for word in range(j // 64 + 1):
                left = among[0, rows[i, 0], rows[j, 0], word]
                for place in range(1, places):
                    left &= among[place, rows[i, place], rows[j, place], word]
                if left:
                    for k in range(64 * word, min(64 * (word + 1), j)):
                        if (left >> np.uint64(k % 64)) & np.uint64(1):
                            return k, j, i
    return -1, -1, -1


def score(instance: Instance, certificate: NDArray[np.int8]) -> int:
    """Return the size of the admissible set: the number of vectors that arise from the rows.

    Up to 15 coordinates, all these vectors are judged. Beyond, the rows are: the set is admissible
    if all rows have weight w, no two the same weights in all triples, and any three different
    rows a triple where all turns are told apart (`docs/problems/symmetric_admissible_set.md`).

    Args:
        instance: with n and w.
        certificate: int8 array, shape (rows, n), of triples from `LETTERS`.

    Raises:
        Invalid: they do not stand for an admissible set A(n, w).
    """
    n, w = _parameters(instance)
    if certificate.shape[1] != n:
        raise Invalid(f"rows have {certificate.shape[1]} coordinates, not {n}")
    if ((certificate < 0) | (certificate > 2)).any():
        raise Invalid("a coordinate is not 0, 1 or 2")
    if (np.count_nonzero(certificate, axis=1) != w).any():
        raise Invalid(f"a row has not exactly {w} nonzero coordinates")
    triples = certificate.reshape(-1, n // 3, 3)
    numbers = np.full((3, 3, 3), -1, dtype=np.int8)
    for number, letter in enumerate(LETTERS):
        numbers[letter] = number
    letters = numbers[triples[:, :, 0], triples[:, :, 1], triples[:, :, 2]]
    if (letters < 0).any():
        raise Invalid("a triple is none of 000, 001, 002, 012, 021, 111 and 222")
    profiles = np.count_nonzero(triples, axis=2)
    if len(np.unique(profiles, axis=0)) != len(certificate):
        raise Invalid("two rows have the same number of nonzero coordinates in each triple")
    if n <= EXPANDED_UP_TO:
        vectors = np.ascontiguousarray(expand(certificate))
        # What is turned together stays alike: of three vectors, one may be taken to be a row.
        fault = first_fault(*masks(vectors), n, start=len(vectors) - len(certificate))
        if fault[0] >= 0:
            shown = ", ".join("".join(map(str, vectors[i].tolist())) for i in fault)
            raise Invalid(f"no coordinate tells {shown} apart")
    else:
        i, j, k = _first_alike(letters, alike())
        if i >= 0:
            raise Invalid(f"no triple tells all turns of the rows {i}, {j} and {k} apart")
    return int((3 ** np.count_nonzero((letters > 0) & (letters < 5), axis=1)).sum())


def _parameters(instance: Instance) -> tuple[int, int]:
    return int(instance.data["n"]), int(instance.data["w"])  # type: ignore[arg-type]


def _by_n(text: str) -> Sequence[str]:
    names = {str(n): f"n{n}w{w}" for n, w in SIZES}
    if text not in names:
        raise ValueError(f"n must be one of {', '.join(names)}, not {text}")
    return [names[text]]


_SUPPORTS = "the sets of nonzero coordinates are different: at most C(n, w)"
_FULL = "all supports occur; Romera-Paredes et al., Nature 625 (2024), Fig. 5a"
_LARGEST = "Romera-Paredes et al., Nature 625 (2024), Fig. 5a and Supplement C.8, C.9"
_BEST: Mapping[str, Known] = {
    "n12w7": Known(792, _FULL),
    "n15w10": Known(3003, _FULL),
    "n21w15": Known(43_596, _LARGEST),
    "n24w17": Known(237_984, _LARGEST),
}

problem = Problem(
    name="symmetric_admissible_set",
    evolve=priority,
    construct=construct,
    score=score,
    metric=Metric(
        name="size",
        unit="vectors",
        bound={f"n{n}w{w}": Known(math.comb(n, w), _SUPPORTS) for n, w in SIZES},
        best_known=_BEST,
    ),
    # No two rows have the same weights in all triples: 2,472 ways at (24, 17).
    certificate=Array("int8", ndim=2, max_elements=2_472 * 24),
    # A useful priority takes 0.2 s at (15, 10) in the interpreter; at (24, 17) 4 s and 240 MiB as
    # arrays, 20 s in the interpreter.
    limits=Limits(wall_s=5.0),
    own_limits={
        "n21w15": Limits(wall_s=20.0, memory_bytes=1 << 30),
        "n24w17": Limits(wall_s=60.0, memory_bytes=2 << 30),
    },
    instances=lambda: {f"n{n}w{w}": {"n": n, "w": w} for n, w in SIZES},
    training=["n15w10"],
    held_out=[f"n{n}w{w}" for n, w in SIZES if (n, w) != (15, 10)],
    shorthands={"n": _by_n},
    remark=remark,
)
