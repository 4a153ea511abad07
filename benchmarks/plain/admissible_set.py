"""Constant-weight admissible sets."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from benchmarks.plain.case import Case, Function
from problems.contract import Instance

ADMISSIBLE = """
def priority(el, n, w):
    score = 0.0
    for i in range(n):
        if el[i] == 1:
            score -= 0.9 ** (i % 4)
        if el[i] == 2:
            score += 0.98 ** (30 - (i % 4))
        if el[i] == el[i - 4] and el[i] > 0:
            score += 0.5 * el[i]
    return score - el[0] * el[w] / n
"""


def admissible_set(function: Function, instance: Instance) -> int:
    """Return the size of the greedy admissible set, all of {0, 1, 2}^n having a priority."""
    n: Any = instance.data["n"]
    w: Any = instance.data["w"]
    vectors = np.array(list(itertools.product((0, 1, 2), repeat=n)))
    powers = 3 ** np.arange(n - 1, -1, -1)
    priorities = np.full(len(vectors), -np.inf)
    for index in np.flatnonzero((vectors != 0).sum(axis=1) == w):
        priorities[index] = function(tuple(vectors[index].tolist()), n, w)
    apart = ([0, 1, 2], [0, 0, 1], [0, 0, 2])
    alike = {
        (a, b): np.array([c for c in range(3) if sorted((a, b, c)) not in apart])
        for a in range(3)
        for b in range(3)
    }
    chosen: list[tuple[int, ...]] = []
    while (priorities > -np.inf).any():
        new = tuple(vectors[np.argmax(priorities)].tolist())
        for old in chosen:
            blocked = np.zeros(1, dtype=int)
            for power, pair in zip(powers, zip(new, old, strict=True), strict=True):
                blocked = (blocked[:, None] + power * alike[pair]).ravel()
            priorities[blocked] = -np.inf
        same = np.zeros(1, dtype=int)
        for power, value in zip(powers, new, strict=True):
            same = (same[:, None] + power * np.array([1, 2] if value else [0])).ravel()
        priorities[same] = -np.inf
        chosen.append(new)
    return len(chosen)


CASES = (Case("admissible_set (12, 7)", "admissible_set", ADMISSIBLE, admissible_set, 50),)
