"""The variables of a candidate, each with the lanes it was last assigned in.

An assignment in some lanes hides the older value instead of being merged with it at once: most are
read in the same lanes again, where a value that is the same in all of them stays a plain number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluators.array_tier.lanes import GiveUp, Lanes
from evaluators.array_tier.values import Torn, Value, merge


@dataclass(slots=True)
class _Binding:
    """A value, the lanes it holds in, and what holds in the others, if anything."""

    value: Value
    lanes: Lanes
    below: _Binding | None


class Environment:
    """Name → value, per lane."""

    def __init__(self) -> None:
        self._bindings: dict[str, _Binding] = {}

    def write(self, name: str, value: Value, lanes: Lanes) -> None:
        """Assign a variable in some lanes."""
        below = None
        if not lanes.whole:
            below = self._bindings.get(name)
            if below is not None and not lanes.within(below.lanes):
                below = _below(below, lanes)
            elif below is not None and below.lanes is lanes:
                below = below.below
        self._bindings[name] = _Binding(value, lanes, below)

    def replace(self, name: str, value: Value, lanes: Lanes) -> None:
        """Assign a variable that will be read in those lanes only before it is assigned again."""
        self._bindings[name] = _Binding(value, lanes, None)

    def take(self, names: list[str]) -> dict[str, _Binding]:
        """Remove variables and return what they were, for `put_back`."""
        return {name: self._bindings.pop(name) for name in names if name in self._bindings}

    def put_back(self, names: list[str], bindings: dict[str, _Binding]) -> None:
        """Make some variables what they were."""
        for name in names:
            self._bindings.pop(name, None)
        self._bindings |= bindings

    def read(self, name: str, lanes: Lanes) -> Value:
        """Return a variable's value in some lanes.

        Raises:
            GiveUp: it has none in one of them, or nothing that can be calculated with.
        """
        binding = self._bindings.get(name)
        if binding is None:
            raise GiveUp(f"{name} is not a variable here")
        while not (binding.lanes.whole or lanes.within(binding.lanes)):
            shared = _shared(binding.lanes, lanes)
            if shared == lanes.count:
                break
            if binding.below is None:
                raise GiveUp(f"{name} may be unassigned")
            if shared == 0:
                binding = binding.below
                continue
            binding = _collapsed(binding, binding.below)
            self._bindings[name] = binding
        if isinstance(binding.value, Torn):
            raise GiveUp(f"{name} is of several types")
        return binding.value


def _shared(some: Lanes, others: Lanes) -> int:
    """Return how many lanes are in both."""
    if some.array is None or others.array is None:
        return min(some.count, others.count)
    return int(np.count_nonzero(some.array & others.array))


def _below(binding: _Binding, lanes: Lanes) -> _Binding | None:
    """Return what a new assignment in lanes of another branch is put upon.

    At most one binding that is not below a wider one stays: chains do not grow with a loop.
    """
    while binding.lanes.within(lanes):
        if binding.below is None:
            return None
        binding = binding.below
    while binding.below is not None and not lanes.within(binding.lanes):
        binding = _collapsed(binding, binding.below)
    return binding


def _collapsed(top: _Binding, below: _Binding) -> _Binding:
    """Return one binding for two."""
    assert top.lanes.array is not None
    value = merge(top.lanes.array, top.value, below.value)
    if top.lanes.within(below.lanes):
        return _Binding(value, below.lanes, below.below)
    assert below.lanes.array is not None
    array = top.lanes.array | below.lanes.array
    union = Lanes(top.lanes.size, array, int(np.count_nonzero(array)), below.lanes.whole)
    return _Binding(value, union, below.below)
