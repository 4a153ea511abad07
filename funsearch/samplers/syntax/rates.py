"""Rates: how often each change is tried, shifted towards those that pay in this run.

Probability matching over whole counts, so that what is remembered is exact; see `Rates`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

_PRIOR = 40
"""Trials' worth of belief that a change pays as often as the average one."""
_SPAN = 4.0
"""How many times its first weight a change's weight may rise, or fall to one part of: none dies."""
_WINDOW = 4_000
"""Trials after which all counts are halved, so that the latest ones weigh more."""
_STEPS = (-96, 64)
"""Bounds of a step's size, in sixteenths of a power of two."""


class Rates:
    """What a run has shown of the changes that can be made.

    A change pays where its program scores better than all that its prompt showed. The weight of
    one that paid p of t times, where all together paid P of T times, is its first one times
    (p + 40 r) / ((t + 40) r), with r = (P + 1) / (T + 40), kept from 1/4 to 4.

    The size of steps between numbers follows the rule of one success in five: a step that paid
    makes them larger by a quarter of a power of two, one that did not smaller by a sixteenth.

    Args:
        weights: change → its first weight, above 0.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._first = dict(weights)
        self.forget()

    def forget(self) -> None:
        """Know nothing of any change."""
        self.outcomes = 0
        self._step = 0
        self._tried: dict[str, int] = {}
        self._paid: dict[str, int] = {}
        self._weights: dict[str, float] = {}

    @property
    def step(self) -> float:
        """Size of a step between numbers, relative to the number."""
        return 0.5 * 2.0 ** (self._step / 16)

    def weight(self, change: str) -> float:
        """Return how often a change is tried, relative to others."""
        found = self._weights.get(change)
        if found is None:
            average = (sum(self._paid.values()) + 1) / (sum(self._tried.values()) + _PRIOR)
            paid = self._paid.get(change, 0) + _PRIOR * average
            share = paid / ((self._tried.get(change, 0) + _PRIOR) * average)
            found = self._first[change] * min(max(share, 1 / _SPAN), _SPAN)
            self._weights[change] = found
        return found

    def learn(self, changes: Sequence[str], *, paid: bool, stepped: bool) -> None:
        """Take an outcome into account.

        Args:
            changes: that were made; those that are not known here say nothing.
            paid: whether they paid.
            stepped: whether they were a step from one number to another and nothing else.
        """
        self.outcomes += 1
        for change in dict.fromkeys(changes):
            if change in self._first:
                self._tried[change] = self._tried.get(change, 0) + 1
                self._paid[change] = self._paid.get(change, 0) + paid
        if stepped:
            self._step = min(max(self._step + (4 if paid else -1), _STEPS[0]), _STEPS[1])
        if sum(self._tried.values()) > _WINDOW:
            self._tried = {name: count // 2 for name, count in self._tried.items()}
            self._paid = {name: count // 2 for name, count in self._paid.items()}
        self._weights.clear()

    def memory(self) -> str:
        """Return all that was learned, as JSON."""
        counts = {name: [count, self._paid[name]] for name, count in self._tried.items()}
        return json.dumps({"outcomes": self.outcomes, "step": self._step, "counts": counts})

    def recall(self, memory: str) -> None:
        """Know what another knew whose `memory` this is; nothing if it is empty.

        Raises:
            ValueError: it is not that of rates of the same changes.
        """
        self.forget()
        if not memory:
            return
        try:
            read: Any = json.loads(memory)
        except (ValueError, RecursionError):
            read = None
        counts: Any = read.get("counts") if isinstance(read, dict) else None
        if not isinstance(counts, dict) or set(read) != {"outcomes", "step", "counts"}:  # pyright: ignore[reportUnknownArgumentType]
            raise ValueError("is no memory of the sampler syntax")
        outcomes, step = read["outcomes"], read["step"]  # pyright: ignore[reportUnknownVariableType]
        if not _within(outcomes, 0, 2**53) or not _within(step, *_STEPS):
            raise ValueError("has numbers that the sampler syntax cannot have learned")
        for name, pair in counts.items():  # pyright: ignore[reportUnknownVariableType]
            self._recall(name, pair)
        self.outcomes, self._step = outcomes, step

    def _recall(self, name: Any, pair: Any) -> None:
        known = name in self._first and type(pair) is list and len(pair) == 2  # pyright: ignore[reportUnknownArgumentType]
        if not known or not _within(pair[0], 0, _WINDOW) or not _within(pair[1], 0, pair[0]):
            self.forget()
            raise ValueError("counts changes that the sampler syntax does not make so often")
        self._tried[name], self._paid[name] = pair


def _within(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high
