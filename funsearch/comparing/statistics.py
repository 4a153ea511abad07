"""What scores of several seeds say of two settings, and what they cannot say.

An exact permutation test, a bootstrap interval widened for few seeds, and Holm's correction.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.05
"""Largest p value, after correction, of a difference that is not called noise."""
_RESAMPLES = 10_000
"""Of a bootstrap."""
_PERMUTATIONS = 50_000
"""Most ways to divide the scores that are all tried; beyond it as many are drawn."""


@dataclass(frozen=True)
class Spread:
    """Scores of one setting.

    Attributes:
        count: of seeds.
        mean: of the scores.
        deviation: standard deviation with `count - 1` below; NaN for one seed.
        median, least, most: of the scores.
    """

    count: int
    mean: float
    deviation: float
    median: float
    least: float
    most: float


@dataclass(frozen=True)
class Difference:
    """A setting against another one.

    Attributes:
        difference: of means, the setting's minus the other's.
        low, high: ends of the 95 % interval of the difference; NaN if one has a single seed.
        chance: that a run of the setting is better than one of the other, ties counted half.
        p: of the permutation test, two-sided.
        corrected: `p` by Holm's procedure, for all that are compared at once.
        smallest: the smallest p that so many seeds can give.
    """

    difference: float
    low: float
    high: float
    chance: float
    p: float
    corrected: float
    smallest: float

    def is_noise(self) -> bool:
        """Whether chance explains it."""
        return self.corrected > LEVEL


def spread(scores: Sequence[float]) -> Spread:
    """Return what the scores of a setting look like; there is at least one."""
    values = np.asarray(scores, dtype=float)
    deviation = float(values.std(ddof=1)) if len(values) > 1 else math.nan
    return Spread(
        len(values),
        float(values.mean()),
        deviation,
        float(np.median(values)),
        float(values.min()),
        float(values.max()),
    )


def differences(
    first: Sequence[float], others: Sequence[Sequence[float]], *, maximise: bool
) -> list[Difference]:
    """Compare settings with the first one.

    The same scores give the same answers: what is drawn is drawn with fixed seeds.

    Args:
        first: scores of the setting that the others are compared with.
        others: scores of each other setting.
        maximise: whether larger scores are better.
    """
    tested = [_permutation_test(scores, first) for scores in others]
    corrected = holm(tested)
    result: list[Difference] = []
    for scores, p, after in zip(others, tested, corrected, strict=True):
        low, high = interval(scores, first)
        result.append(
            Difference(
                difference=float(np.mean(scores) - np.mean(first)),
                low=low,
                high=high,
                chance=chance_of_better(scores, first, maximise=maximise),
                p=p,
                corrected=after,
                smallest=smallest_p(len(scores), len(first)),
            )
        )
    return result


def holm(values: Sequence[float]) -> list[float]:
    """Return p values corrected by Holm's step-down procedure, in the same order.

    Source: S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal
    of Statistics 6 (1979).
    """
    corrected = [0.0] * len(values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=lambda place: values[place])):
        largest = max(largest, min(1.0, (len(values) - rank) * values[place]))
        corrected[place] = largest
    return corrected


def smallest_p(one: int, other: int) -> float:
    """Return the smallest p value of the permutation test of so many scores, without ties."""
    return min(1.0, 2 / math.comb(one + other, one))


def too_few(sizes: Sequence[tuple[int, int]]) -> bool:
    """Whether no scores at all could show a difference, after correction for several pairs.

    Args:
        sizes: how many scores the two of each pair have.
    """
    return not any(smallest_p(*pair) * len(sizes) <= LEVEL for pair in sizes)


def chance_of_better(one: Sequence[float], other: Sequence[float], *, maximise: bool) -> float:
    """Return the share of pairs in which `one` is better than `other`, ties counted half."""
    sign = 1 if maximise else -1
    gaps = np.sign(sign * np.subtract.outer(np.asarray(one, float), np.asarray(other, float)))
    return float((gaps.mean() + 1) / 2)


def interval(one: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of the difference of means, by a bootstrap.

    Of few values, resampling alone shows too little: their variance as it is computed from them is
    too small by (n - 1) / n, and its own error is left out. Both are made up for, as T. Hesterberg
    does for one sample (What teachers should know about the bootstrap, The American Statistician
    69, 2015): resampled means are moved away from the mean by √(n / (n - 1)), and quantiles taken
    further out, where the normal distribution has what Student's has beyond its 2.5 %.

    Returns:
        Both ends; NaN if there is one value on a side.
    """
    if min(len(one), len(other)) < 2:
        return math.nan, math.nan
    from scipy.special import ndtr, stdtrit

    rng = np.random.Generator(np.random.Philox(key=0))
    means = _resampled(one, rng) - _resampled(other, rng)
    tail = float(ndtr(stdtrit(_freedom(one, other), 0.025)))
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)


def _resampled(values: Sequence[float], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return means of resamples, shape (_RESAMPLES,), widened for few values."""
    given = np.asarray(values, dtype=float)
    chosen = given[rng.integers(len(given), size=(_RESAMPLES, len(given)))]
    center = given.mean()
    return center + (chosen.mean(axis=1) - center) * math.sqrt(len(given) / (len(given) - 1))


def _freedom(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the degrees of freedom that Welch gives to a difference of means."""
    parts = [(float(np.var(each, ddof=1)) / len(each), len(each) - 1) for each in (one, other)]
    below = sum(part * part / degrees for part, degrees in parts)
    if below == 0:
        return float(sum(degrees for _, degrees in parts))
    return sum(part for part, _ in parts) ** 2 / below


def _permutation_test(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the two-sided p value of the difference of means.

    Exact where all ways to divide the scores can be tried; ties need no special care.
    """
    from scipy.stats import permutation_test

    def gap(
        first: NDArray[np.float64], second: NDArray[np.float64], axis: int
    ) -> NDArray[np.float64]:
        return np.mean(first, axis=axis) - np.mean(second, axis=axis)

    if min(len(one), len(other)) < 2:
        return 1.0
    found = permutation_test(
        (np.asarray(one, float), np.asarray(other, float)),
        gap,
        vectorized=True,
        n_resamples=_PERMUTATIONS,
        batch=10_000,
        rng=np.random.Generator(np.random.Philox(key=1)),
    )
    return float(found.pvalue)
