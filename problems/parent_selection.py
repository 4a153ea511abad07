"""Parent selection: which program a search should change next, from the scores seen so far.

A search of its own, in miniature: a landscape says what becomes of the chosen parent when the next
change arrives. The rule that is looked for is the one by which this project's islands, and those of
Romera-Paredes et al. (Nature 625, 2024), choose the programs that a prompt shows.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from problems.contract import (
    Array,
    Candidate,
    Data,
    Instance,
    Invalid,
    Known,
    Limits,
    Metric,
    Problem,
)

_STEPS = 256
_BITS = 24
_WINDOW = 4
"""Bits that one table of a synthetic landscape looks at."""
_FLIPS = (1, 1, 1, 1, 1, 2, 2, 3)
"""How many places a change of a synthetic landscape names, each as likely as the others."""
_LUCK = 1 << 16


def priority(
    scores: np.ndarray,  # type: ignore[type-arg]
    children: np.ndarray,  # type: ignore[type-arg]
    ages: np.ndarray,  # type: ignore[type-arg]
    twins: np.ndarray,  # type: ignore[type-arg]
    noise: np.ndarray,  # type: ignore[type-arg]
) -> np.ndarray:  # type: ignore[type-arg]
    """Return the priority of each program of a search to be the parent of the next one.

    The program with the highest priority, the first of them if there are several, is changed at
    random, which gives the next program. After 256 such steps the highest score counts, on
    landscapes that differ in kind and scale: rugged ones, deceptive ones, ones with plateaus.
    Each argument has one entry for each program so far, in the order they were made: `scores`,
    integers; `children`, how often it was the parent; `ages`, the number of steps since it was
    made; `twins`, how many programs have the same score, itself included; `noise`, random numbers
    between 0 and 1, new ones at each step. The result has one number for each program.
    """
    return noise


def construct(candidate: Candidate, instance: Instance) -> NDArray[np.int32]:
    """Run the search; each step asks for the priorities of all programs so far.

    Ties go to the program that was made first; priorities are compared as float64. Minus infinity
    is a number like others; NaN and plus infinity are refused.

    Returns:
        int32 array, shape (steps,): the parent of each step, numbered in the order in which
        programs were made, the first one being 0.
    """
    arrivals = _arrivals(instance)
    noise = _noise(tuple(luck for luck, _ in arrivals))
    programs = [int(instance.data["start"])]  # type: ignore[arg-type]
    scores, children, twins = np.zeros((3, len(arrivals) + 1), dtype=np.int64)
    ages = np.arange(len(arrivals), -1, -1)
    scores[0], twins[0] = _score(instance.data, programs[0]), 1
    parents = np.empty(len(arrivals), dtype=np.int32)
    for step, (_, change) in enumerate(arrivals):
        count = step + 1
        shown = (scores, children, ages[-count:], twins, noise[step])
        # Copies: what a candidate writes to its arguments has no effect.
        arguments = [each[:count].copy() for each in shown]
        priorities = np.asarray(candidate(*arguments), dtype=np.float64)
        if priorities.shape != (count,):
            raise Invalid("the priorities are not one number for each program")
        # numpy takes NaN for the largest of all.
        parent = int(priorities.argmax())
        if not priorities[parent] < np.inf:
            raise Invalid("a priority is NaN or plus infinity")
        parents[step] = parent
        children[parent] += 1
        programs.append(_child(instance.data, programs[parent], change))
        scores[count] = _score(instance.data, programs[count])
        equal = scores[: count + 1] == scores[count]
        twins[: count + 1][equal] += 1
        twins[count] = np.count_nonzero(equal)
    return parents


@lru_cache(maxsize=64)
def _noise(lucks: tuple[int, ...]) -> NDArray[np.float64]:
    """Return numbers from (0, 1) for each step and program, shape (steps, steps + 1).

    Those of a step are a function of its number, its luck and the program's number.
    """
    steps = len(lucks)
    seeds = np.array(lucks, dtype=np.uint64) * np.uint64(steps) + np.arange(steps, dtype=np.uint64)
    word = seeds[:, None] * np.uint64(steps + 1) + np.arange(1, steps + 2, dtype=np.uint64)
    # The finalizer of SplitMix64 (Steele, Lea and Flood 2014) on a multiple of its increment.
    word = word * np.uint64(0x9E3779B97F4A7C15)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    word ^= word >> np.uint64(31)
    return ((word >> np.uint64(12)).astype(np.float64) + 0.5) / 2**52


def _arrivals(instance: Instance) -> Sequence[tuple[int, int]]:
    return instance.data["arrivals"]  # type: ignore[return-value]


def _child(data: Mapping[str, Any], parent: int, change: int) -> int:
    """Return what a change makes of a program."""
    if data["tables"]:
        return parent ^ change
    return next(place for place, below in enumerate(data["rows"][parent]) if change < below)


def _score(data: Mapping[str, Any], program: int) -> int:
    tables = data["tables"]
    if not tables:
        return _UNIT * program
    twice = program << len(tables) | program
    return sum(table[twice >> place & 15] for place, table in enumerate(tables))


def score(instance: Instance, certificate: NDArray[np.int32]) -> float:
    """Return the highest score that was found, in percent of the highest there is.

    Args:
        instance: the landscape, and the changes in the order they arrive.
        certificate: int32 array, shape (steps,): the parent of each step.

    Raises:
        Invalid: there is not one parent for each step, or one that is not there yet.
    """
    arrivals = _arrivals(instance)
    if len(certificate) != len(arrivals):
        raise Invalid(f"there are parents for {len(certificate)} steps, not for {len(arrivals)}")
    data: Any = instance.data
    programs: list[int] = [data["start"]]
    for parent, (_, change) in zip(certificate.tolist(), arrivals, strict=True):
        if not 0 <= parent < len(programs):
            raise Invalid(
                f"program {len(programs)} has the parent {parent}, which is not before it"
            )
        programs.append(_child(data, programs[parent], change))
    return 100 * max(_score(data, program) for program in programs) / data["highest"]


_RECORDED = (
    (717, 12, 18, 5, 2, 1, 0, 0, 0),
    (74, 55, 11, 0, 1, 1, 0, 0, 0),
    (218, 58, 253, 18, 2, 0, 0, 0, 0),
    (268, 86, 214, 390, 11, 2, 0, 0, 0),
    (123, 22, 42, 69, 202, 0, 0, 0, 0),
    (40, 3, 14, 7, 2, 27, 1, 1, 0),
    (23, 2, 3, 4, 2, 5, 21, 0, 0),
    (15, 4, 4, 1, 3, 7, 0, 27, 1),
    (0, 0, 0, 0, 0, 0, 0, 0, 1),
)
"""What became of programs in three searches for cap sets (n = 8, `run.seconds=60`, seeds 0 to 2).

Row i counts the children of programs whose set had from 256 + 16 i vectors: in column j, those
whose own had from 256 + 16 j. The parent is the best of the programs that were shown; the 29
children that failed, 1 % of all, are left out. No program of the last row was a parent: there,
changes do nothing.
"""
_UNIT = 16
_OUTCOMES = 1 << 16
"""How many numbers the outcomes of a recorded landscape share, as their counts say."""
_KINDS = ("rugged", "deceptive", "plateaus", "recorded")
_TRAINING_EACH = 12
_HELD_OUT_EACH = 12


def _words(kind: str, number: int) -> Iterator[int]:
    """Yield 64-bit words of Philox; they never change, as numpy's distributions may."""
    bits = np.random.Philox(key=np.array([_KINDS.index(kind), number], dtype=np.uint64))
    return (int(word) >> 11 for word in iter(bits.random_raw, None))


def _made(kind: str, number: int) -> Data:
    words = _words(kind, number)
    rows, tables = (_rows(), []) if kind == "recorded" else ([], _tables(kind, words))
    if rows:
        start, highest = 0, _UNIT * (len(rows) - 1)
    else:
        start, highest = next(words) % 2**_BITS, highest_score(tables)
    arrivals = [
        [next(words) % _LUCK, next(words) % _OUTCOMES if rows else _flips(words)]
        for _ in range(_STEPS)
    ]
    # One that occurs twice lets the test of foresight replace entries, not only change their order.
    arrivals[-1] = arrivals[0]
    return {
        "arrivals": arrivals,
        "highest": highest,
        "rows": rows,
        "start": start,
        "tables": tables,
    }


def _rows() -> list[list[int]]:
    """Return, for each row that was recorded, below which number of a change each outcome lies."""
    return [
        [_OUTCOMES * below // sum(row) for below in itertools.accumulate(row)] for row in _RECORDED
    ]


def _flips(words: Iterator[int]) -> int:
    """Return a set of places, as bits."""
    change = 0
    for _ in range(_FLIPS[next(words) % len(_FLIPS)]):
        change |= 1 << next(words) % _BITS
    return change


def _tables(kind: str, words: Iterator[int]) -> list[list[int]]:
    """Return a table for each bit: what it and the three after it, round and round, contribute.

    Rugged: from 0 to 9 at random, an NK landscape (Kauffman and Weinberger 1989). Else only every
    fourth table counts: 10 for a secret pattern, and less the farther from it in one, more in the
    other (deceptive: a trap of Deb and Goldberg 1993), or 4 for all at distance one (plateaus).
    """
    patterns = range(1 << _WINDOW)
    if kind == "rugged":
        return [[next(words) % 10 for _ in patterns] for _ in range(_BITS)]
    values = (10, 0, 2, 4, 6) if kind == "deceptive" else (10, 4, 0, 0, 0)
    tables = [[0 for _ in patterns] for _ in range(_BITS)]
    for table in tables[::_WINDOW]:
        secret = next(words) % len(patterns)
        table[:] = [values[(pattern ^ secret).bit_count()] for pattern in patterns]
    return tables


def highest_score(tables: Sequence[Sequence[int]]) -> int:
    """Return the highest score of any program, by going round the bits once for each start."""
    low = (1 << (_WINDOW - 1)) - 1
    found: list[int] = []
    for first in range(low + 1):
        # The best sum of the tables so far, for each setting of the last three bits that were set.
        best = {first: 0}
        for place, table in enumerate(tables):
            fixed = place + _WINDOW - 1 - len(tables)
            bits = (0, 1) if fixed < 0 else (first >> fixed & 1,)
            further: dict[int, int] = {}
            for (last, total), bit in itertools.product(best.items(), bits):
                pattern = last | bit << (_WINDOW - 1)
                value = total + table[pattern]
                further[pattern >> 1] = max(value, further.get(pattern >> 1, 0))
            best = further
        found.append(best[first])
    return max(found)


def _names(kind: str) -> list[str]:
    return [f"{kind}_{number:02}" for number in range(_TRAINING_EACH + _HELD_OUT_EACH)]


@lru_cache(maxsize=1)
def _instances() -> Mapping[str, Data]:
    return {
        name: _made(kind, number) for kind in _KINDS for number, name in enumerate(_names(kind))
    }


def _by_kind(text: str) -> Sequence[str]:
    if text not in _KINDS:
        raise ValueError(f"kind must be one of {', '.join(_KINDS)}, not {text}")
    return _names(text)[:_TRAINING_EACH]


_HIGHEST = "no program of the landscape scores more: `highest_score`, or the last recorded row"

problem = Problem(
    name="parent_selection",
    evolve=priority,
    construct=construct,
    score=score,
    metric=Metric(
        name="reached",
        unit="% of the highest score",
        bound={name: Known(100.0, _HIGHEST) for kind in _KINDS for name in _names(kind)},
    ),
    certificate=Array("int32", ndim=1, max_elements=_STEPS),
    instances=_instances,
    training=[name for kind in _KINDS for name in _names(kind)[:_TRAINING_EACH]],
    held_out=[name for kind in _KINDS for name in _names(kind)[_TRAINING_EACH:]],
    visible=lambda instance: {k: v for k, v in instance.data.items() if k != "highest"},
    # A useful priority takes 0.005 s for one landscape in the interpreter, one that goes through
    # all programs in a loop 100 times that.
    limits=Limits(wall_s=1.0),
    shorthands={"kind": _by_kind},
    online="arrivals",
    self_design=True,
)
