"""Scales with round ticks: of scores, of counts, of seconds, straight or logarithmic."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from funsearch.text import number

Unit = Literal["count", "score", "seconds"]

_LARGEST = 1e300
"""Beyond this, the difference of two numbers may not be one any more."""
_SHARPEST = 1e-9
"""Of the size of a number: a range that is smaller could not be labelled in ten digits."""
_STEPS = (1.0, 2.0, 5.0)
_CLOCK = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_NAMED = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True)
class Scale:
    """Where values lie on a line, and which of them are marked.

    Attributes:
        low: value at the start.
        high: value at the end; above `low`, and above 0 where it is logarithmic.
        start: place of `low`.
        end: place of `high`.
        log: whether equal factors are equal distances. Values below `low` are drawn there.
        ticks: values that are marked, in order, all from `low` to `high`.
        labels: of the ticks.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool
    ticks: tuple[float, ...]
    labels: tuple[str, ...]

    def place(self, value: float) -> float:
        """Return where a value lies; what is outside of the scale, at its nearer end."""
        inside = min(self.high, max(self.low, value))
        if self.log:
            share = math.log(inside / self.low) / math.log(self.high / self.low)
        else:
            share = (inside - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def finite(value: float) -> float | None:
    """Return a number that can be drawn, or None."""
    return max(-_LARGEST, min(_LARGEST, value)) if math.isfinite(value) else None


def scale_of(
    values: Iterable[float], start: float, end: float, *, unit: Unit, most: int = 6
) -> Scale:
    """Return a straight scale on which all values have a place, some room at both ends.

    Args:
        values: finite; there may be none.
        start: place of the low end.
        end: place of the high end.
        unit: how ticks are chosen and labelled.
        most: ticks, about.
    """
    known = list(values) or [0.0]
    low, high = min(known), max(known)
    least = max(_SHARPEST * max(abs(low), abs(high)), 1e-290)
    if high - low < least:
        room = max(least, 0.05 * abs(high)) or 1.0
        low, high = low - room, high + room
    else:
        room = 0.06 * (high - low)
        low, high = low - room, high + room
    if all(value >= 0 for value in known):
        low = max(low, 0.0)
    step = _step((high - low) / most)
    ticks = _multiples(low, high, step)
    return Scale(low, high, start, end, log=False, ticks=ticks, labels=_labels(ticks, unit, step))


def extent(end_value: float, start: float, end: float, *, unit: Unit, most: int = 8) -> Scale:
    """Return a straight scale from 0 to a value."""
    high = max(1.0, end_value)
    step = _clock_step(high / most) if unit == "seconds" else max(1.0, _step(high / most))
    ticks = _multiples(0.0, high, step)
    return Scale(0.0, high, start, end, log=False, ticks=ticks, labels=_labels(ticks, unit, step))


def growing(end_value: float, start: float, end: float, *, unit: Unit) -> Scale:
    """Return a logarithmic scale from 1 to a value."""
    high = max(10.0, end_value)
    if unit == "seconds":
        days = (86400.0 * 10**power for power in range(1, 300))
        wanted = (1.0, 10.0, 60.0, 600.0, 3600.0, 21600.0, 86400.0, *days)
    else:
        decades = math.log10(high)
        steps = _STEPS if decades <= 2 else (1.0,)
        every = max(1, math.ceil(decades / 8))
        powers = range(0, math.floor(decades) + 1, every)
        wanted = tuple(s * 10.0**power for power in powers for s in steps)
    ticks = tuple(tick for tick in wanted if tick <= high)
    return Scale(1.0, high, start, end, log=True, ticks=ticks, labels=_labels(ticks, unit, 1.0))


def duration(seconds: float) -> str:
    """Return a time as a tick says it: `90 s`, `5 min`, `1.5 h`."""
    for size, name in _NAMED:
        if seconds >= size:
            return f"{number(round(seconds / size, 2))} {name}"
    return f"{number(round(seconds, 2))} s"


def count(value: float) -> str:
    """Return a count with its thousands apart, or a short form of one that is very large."""
    return f"{value:,.0f}" if abs(value) < 1e8 else f"{value:.0e}"


def _labels(ticks: Sequence[float], unit: Unit, step: float) -> tuple[str, ...]:
    if unit == "seconds":
        return tuple(duration(tick) for tick in ticks)
    if unit == "count":
        return tuple(count(tick) for tick in ticks)
    if any(abs(tick) >= 1e7 for tick in ticks):
        return tuple(number(tick) for tick in ticks)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    if digits > 8:
        return tuple(number(tick) for tick in ticks)
    return tuple(f"{tick:.{digits}f}" for tick in ticks)


def _step(rough: float) -> float:
    """Return 1, 2 or 5 times a power of ten, not below a number that is above 0."""
    power = 10.0 ** math.floor(math.log10(rough))
    fitting = (s * power for s in (*_STEPS, 10.0) if s * power >= rough * (1 - 1e-9))
    return next(fitting, 10 * power) or rough


def _clock_step(rough: float) -> float:
    """Return a step of a clock, not below a number of seconds."""
    days = _step(max(1.0, rough / 86400)) * 86400
    return float(next((step for step in _CLOCK if step >= rough), days))


def _multiples(low: float, high: float, step: float) -> tuple[float, ...]:
    first, last = math.ceil(low / step), math.floor(high / step)
    return tuple(index * step for index in range(first, min(last, first + 50) + 1))
