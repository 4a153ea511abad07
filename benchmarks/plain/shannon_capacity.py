"""Independent sets in powers of odd cycles."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from benchmarks.plain.case import Case, Function
from problems.contract import Instance

SHANNON = """
def priority(el, m, n):
    score = 0.0
    for i in range(n):
        x = (2 * el[i] - el[(i + 1) % n] + 3 * el[i - 2]) % m
        score += 0.5 * x if x < m / 2 else 0.1 * (m - x)
        if el[i] == el[(i + 1) % n]:
            score -= 1.5
    return score + (el[0] + 2 * el[1] + 4 * el[2]) % (m - 2)
"""


def shannon_capacity(function: Function, instance: Instance) -> int:
    """Return the size of the greedy independent set: the best vertex, and what it is joined to."""
    m: Any = instance.data["m"]
    n: Any = instance.data["n"]
    steps = np.array(list(itertools.product((-1, 0, 1), repeat=n)))
    powers = m ** np.arange(n - 1, -1, -1)
    vertices = np.array(list(itertools.product(range(m), repeat=n)))
    priorities = np.array(
        [function(tuple(vertex), m, n) for vertex in vertices.tolist()], dtype=float
    )
    chosen = np.empty((0, n), dtype=int)
    while (priorities > -np.inf).any():
        best = vertices[np.argmax(priorities)]
        priorities[(steps + best) % m @ powers] = -np.inf
        chosen = np.concatenate([chosen, best[None]])
    return len(chosen)


CASES = (Case("shannon_capacity C_11^4", "shannon_capacity", SHANNON, shannon_capacity, 4),)
