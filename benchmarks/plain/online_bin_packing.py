"""Online bin packing, with one candidate that looks at neighbours and one that does not.

The instances of u500 are there only if FUNSEARCH_DATA names a folder that has them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from benchmarks.plain.case import Case, Function
from problems.contract import Instance

NEIGHBOURS = """
def priority(item, bins):
    largest = max(bins)
    rest = bins - item
    score = (bins - largest) ** 2 / item + bins ** 2 / item ** 2
    score += np.sqrt(rest + 1.0) * 0.1 - rest / (bins + 1.0)
    score = np.where(rest == 0, score + 1000.0, score)
    score[bins > item] = -score[bins > item]
    score[1:] -= 0.5 * score[:-1].copy()
    return score - 0.01 * np.abs(rest)
"""
ELEMENTWISE = """
def priority(item, bins):
    rest = bins - item
    score = bins ** 2 / item ** 2 - rest / (bins + 1.0)
    score += np.exp(-rest / item) + np.sqrt(rest + 1.0) * 0.1
    score = np.where(rest == 0, score + 1000.0, score)
    score[rest > 2 * bins / 3] *= 0.5
    score -= 0.01 * np.abs(rest) + np.log(bins + 1.0)
    return score - rest % 7 * 0.1
"""


def online_bin_packing(function: Function, instance: Instance) -> float:
    """Return the excess over L1 in percent; there is a bin for each item."""
    items: Any = instance.data["items"]
    capacity: Any = instance.data["capacity"]
    bins = np.array([capacity] * len(items))
    for item in items:
        valid = np.nonzero(bins - item >= 0)[0]
        priorities = function(item, bins[valid])
        bins[valid[np.argmax(priorities)]] -= item
    least = math.ceil(sum(items) / capacity)
    return 100 * (int((bins != capacity).sum()) - least) / least


U500 = tuple(f"u500_{number:02}" for number in range(20))

CASES = (
    Case("online_bin_packing 5 x 5,000", "online_bin_packing", NEIGHBOURS, online_bin_packing, 20),
    Case(
        "online_bin_packing 5 x 5,000, elementwise",
        "online_bin_packing",
        ELEMENTWISE,
        online_bin_packing,
        100,
    ),
    Case(
        "online_bin_packing 20 x u500",
        "online_bin_packing",
        NEIGHBOURS,
        online_bin_packing,
        5,
        U500,
    ),
    Case(
        "online_bin_packing 20 x u500, elementwise",
        "online_bin_packing",
        ELEMENTWISE,
        online_bin_packing,
        5,
        U500,
    ),
)
