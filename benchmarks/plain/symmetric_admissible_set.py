"""Symmetric admissible sets."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from benchmarks.plain.case import Case, Function
from problems.contract import Instance

SYMMETRIC = """
def priority(el, n, w):
    score = 0.0
    for i in range(n):
        if el[i] < el[i - 1]:
            score += 1.0 - 0.05 * el[i - 2]
        elif el[i] < el[i - 3]:
            score -= 0.05 * (i % 3)
        if el[i] == el[i - 5] and el[i] > 0:
            score += 0.5 * el[i] - w / n
    return score - el[0] * el[w] / n
"""

LETTERS = ((0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 1, 2), (0, 2, 1), (1, 1, 1), (2, 2, 2))
WEIGHTS = (0, 1, 1, 2, 2, 3, 3)
APART = ([0, 1, 2], [0, 0, 1], [0, 0, 2])


def _alike() -> set[tuple[int, ...]]:
    turns = [{a[i:] + a[:i] for i in range(3)} for a in LETTERS]
    return {
        letters
        for letters in itertools.product(range(7), repeat=3)
        if any(
            not any(sorted(values) in APART for values in zip(*triples, strict=True))
            for triples in itertools.product(*(turns[letter] for letter in letters))
        )
    }


def symmetric_admissible_set(function: Function, instance: Instance) -> int:
    """Return the size of the greedy set: the best row that is left, and what it rules out."""
    n: Any = instance.data["n"]
    w: Any = instance.data["w"]
    alike = _alike()
    rows = [
        row
        for row in itertools.product(range(7), repeat=n // 3)
        if sum(WEIGHTS[letter] for letter in row) == w
    ]
    priorities = np.array(
        [function(sum((LETTERS[letter] for letter in row), ()), n, w) for row in rows], dtype=float
    )
    chosen: list[tuple[int, ...]] = []
    while rows:
        new = rows[int(np.argmax(priorities))]
        profile = [WEIGHTS[letter] for letter in new]
        left = [
            index
            for index, row in enumerate(rows)
            if [WEIGHTS[letter] for letter in row] != profile
            and not any(
                all(letters in alike for letters in zip(old, new, row, strict=True))
                for old in chosen
            )
        ]
        rows, priorities = [rows[index] for index in left], priorities[left]
        chosen.append(new)
    return sum(3 ** sum(0 < letter < 5 for letter in row) for row in chosen)


CASES = (
    Case(
        "symmetric_admissible_set (15, 10)",
        "symmetric_admissible_set",
        SYMMETRIC,
        symmetric_admissible_set,
        30,
    ),
)
