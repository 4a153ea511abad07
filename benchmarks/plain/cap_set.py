"""Cap sets, with three candidates of growing weight."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from benchmarks.plain.case import Case, Function
from problems.contract import Instance

CAP_SHORT = """
def priority(el, n):
    score = el.count(0) * n
    if el[1] == el[-1]:
        score *= 1.5
    if el[2] == el[-2]:
        score *= 1.5
    return score - sum(el) % 3 + el[0] * el[n // 2]
"""
CAP_TYPICAL = """
def priority(el, n):
    score = 0.0
    for i in range(n):
        if el[i] == el[n - 1 - i]:
            score += 1.5
        elif el[i] == 2:
            score -= 0.5 * i
        score += el[i] * el[(i + 1) % n] % 3
    return score
"""
"""Of medium weight: all vectors take the interpreter about 8 ms, of a usual 5 to 25."""
CAP_LONG = "\n".join(
    ["def priority(el, n):", "    score = 0.5"]
    + [
        f"    score += (el[{i % 8}] * {i}.25 - el[{(3 * i + 1) % 8}]) % {i % 5 + 2}"
        for i in range(25)
    ]
    + ["    return score", ""]
)


def cap_set(function: Function, instance: Instance) -> int:
    """Return the size of the greedy cap set: the best vector that is left, and what it blocks."""
    n: Any = instance.data["n"]
    vectors = np.array(list(itertools.product((0, 1, 2), repeat=n)))
    powers = 3 ** np.arange(n - 1, -1, -1)
    priorities = np.array([function(tuple(each), n) for each in vectors.tolist()], dtype=float)
    chosen = np.empty((0, n), dtype=int)
    while (priorities > -np.inf).any():
        best = np.argmax(priorities)
        priorities[(-chosen - vectors[best]) % 3 @ powers] = -np.inf
        priorities[best] = -np.inf
        chosen = np.concatenate([chosen, vectors[best][None]])
    return len(chosen)


CASES = (
    Case("cap_set n=8", "cap_set", CAP_TYPICAL, cap_set, 2),
    Case("cap_set n=8, a short one", "cap_set", CAP_SHORT, cap_set, None),
    Case("cap_set n=8, 100 operations", "cap_set", CAP_LONG, cap_set, 3),
)
