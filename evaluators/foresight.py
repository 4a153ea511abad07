"""Foresight: whether a program of an online problem decides by what has not arrived yet.

The program is run once more on instances that are the same up to a cut and different after it. Who
cannot see the future decides the same up to the cut.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import cast

import numpy as np

from evaluators.verdict import Certificate
from problems.contract import JSON, Instance, Problem


def steps(problem: Problem, instance: Instance) -> int:
    """Return how many entries arrive one after the other."""
    return len(_arrivals(problem, instance))


def cut(steps: int, program_id: str) -> int:
    """Return how many entries stay as they are, a function of the arguments alone.

    It lies in the middle half, where at least one decision can be compared and at least two
    entries can change places; 0 where there are fewer than three.

    Args:
        steps: how many entries arrive.
        program_id: of the program that is to be run on them.
    """
    if steps < 3:
        return 0
    low, high = max(1, steps // 4), min(steps - 2, 3 * steps // 4)
    number = int.from_bytes(sha256(f"{program_id} {steps}".encode()).digest()[:8], "big")
    return low + number % (high - low + 1)


def altered(problem: Problem, instance: Instance, cut: int) -> Instance:
    """Return the instance with another end: the entries from the cut on in another order.

    Where an entry occurs twice, it may occur thrice: then every other one of the end is replaced by
    some entry of the instance, so that a program that only counts what will come is found out too.
    Where all entries occur once, they stay the same altogether, so that what is valid stays so.
    Where all from the cut on are equal and none can be replaced, the instance comes back unchanged.
    """
    arrivals = _arrivals(problem, instance)
    rest = list(arrivals[cut:])
    # Who reads the same backwards does not when rotated, unless all entries are equal.
    other = rest[::-1] if rest[::-1] != rest else rest[1:] + rest[:1]
    if len({json.dumps(each, sort_keys=True) for each in arrivals}) < len(arrivals):
        key = int.from_bytes(sha256(f"{instance.name} {cut}".encode()).digest()[:8], "big")
        picks = np.random.Generator(np.random.Philox(key=key))
        places = picks.integers(len(arrivals), size=len(other))
        other[1::2] = [arrivals[place] for place in places[1::2].tolist()]
    return Instance(instance.name, {**instance.data, problem.online: [*arrivals[:cut], *other]})


def foreseen(first: Certificate, second: Certificate, cut: int) -> int | None:
    """Return the number of the first decision before the cut that changed, or None.

    Args:
        first: what was built on the instance as it is.
        second: what was built on the altered one.
        cut: how many entries the two have in common.
    """
    if first.dtype != second.dtype:
        return 0
    rows = [_rows(each, cut) for each in (first, second)]
    common = min(map(len, rows))
    changed = np.flatnonzero((rows[0][:common] != rows[1][:common]).any(axis=1))
    if changed.size:
        return int(changed[0])
    return None if len(rows[0]) == len(rows[1]) else common


def _rows(certificate: Certificate, count: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Return the bytes of the first decisions, shape (at most count, bytes of one)."""
    size = np.dtype(certificate.dtype).itemsize
    return np.frombuffer(certificate.data, np.uint8).reshape(-1, size)[:count]


def _arrivals(problem: Problem, instance: Instance) -> Sequence[JSON]:
    return cast("Sequence[JSON]", instance.data[problem.online])
