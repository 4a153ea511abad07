"""Comprehensions and generator expressions, and what is made of the latter."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from evaluators.array_tier import calls, sequences, sources
from evaluators.array_tier.lanes import GiveUp, Lanes
from evaluators.array_tier.values import Bools, Mask, Number, Ragged, Value

if TYPE_CHECKING:
    from evaluators.array_tier.evaluator import Evaluator

_EAGER = frozenset({"list", "max", "min", "set", "sorted", "tuple"})

Visit = Callable[[Lanes, Value], "Mask | None"]
"""Gets the lanes that have an item, and the item; returns the lanes that want no more, if any."""


def reduced(evaluator: Evaluator, name: str, node: ast.GeneratorExp, lanes: Lanes) -> Value:
    """Return what a function makes of a generator expression, its only argument."""
    if name == "sum":
        return _summed(evaluator, node, lanes)
    if name in ("any", "all"):
        return _decided(evaluator, node, lanes, any_=name == "any")
    if name in _EAGER:
        return calls.BUILTINS[name](lanes, listed(evaluator, node, lanes))
    raise GiveUp("a generator expression")


def listed(evaluator: Evaluator, node: ast.GeneratorExp | ast.ListComp, lanes: Lanes) -> Value:
    """Return all items as a list."""
    found: list[tuple[Lanes, Value]] = []

    def keep(inside: Lanes, value: Value) -> None:
        if len(found) >= sequences.LONGEST:
            raise GiveUp("a sequence is too long")
        found.append((inside, value))

    _generate(evaluator, node, lanes, keep)
    if all(inside is lanes for inside, _ in found):
        return sequences.row(tuple(value for _, value in found), "list")
    return Ragged(
        tuple((None if inside is lanes else inside.mask(), value) for inside, value in found)
    )


def _summed(evaluator: Evaluator, node: ast.GeneratorExp, lanes: Lanes) -> Number:
    total: Number = 0

    def add(inside: Lanes, value: Value) -> None:
        nonlocal total
        total = calls.add_up(total, value, inside, lanes)

    _generate(evaluator, node, lanes, add)
    return total


def _decided(
    evaluator: Evaluator, node: ast.GeneratorExp, lanes: Lanes, *, any_: bool
) -> bool | Bools:
    """Return `any` or `all`, which look at no item after the one that decides."""
    found: bool | Bools = not any_

    def look(inside: Lanes, value: Value) -> Mask:
        nonlocal found
        found = calls.decide(found, value, inside, any_=any_)
        if isinstance(found, Bools):
            return found.array if any_ else ~found.array
        return np.full(lanes.size, found is any_)

    _generate(evaluator, node, lanes, look)
    return found


def _generate(
    evaluator: Evaluator, node: ast.GeneratorExp | ast.ListComp, lanes: Lanes, visit: Visit
) -> None:
    """Call `visit` with every item, in order."""
    targets = [
        name.id
        for part in node.generators
        for name in ast.walk(part.target)
        if isinstance(name, ast.Name)
    ]
    # The first source is evaluated outside, where the targets may mean something else.
    first = sources.items(evaluator, node.generators[0].iter, lanes)
    outer = evaluator.environment.take(targets)
    settled: Mask | None = None

    def descend(level: int, inside: Lanes, source: Iterable[sources.Item]) -> None:
        nonlocal settled
        part = node.generators[level]
        if part.is_async:
            raise GiveUp("an asynchronous comprehension")
        for present, item in source:
            here = _still(inside, present, settled)
            if here is None:
                continue
            evaluator.spend(here)
            evaluator.rebind(part.target, item, here)
            chosen = _chosen(evaluator, part.ifs, here)
            if chosen is None:
                continue
            if level + 1 < len(node.generators):
                deeper = sources.items(evaluator, node.generators[level + 1].iter, chosen)
                descend(level + 1, chosen, deeper)
                continue
            done = visit(chosen, evaluator.value(node.elt, chosen))
            if done is not None:
                settled = done

    descend(0, lanes, first)
    evaluator.environment.put_back(targets, outer)


def _still(lanes: Lanes, present: Mask | None, settled: Mask | None) -> Lanes | None:
    """Return the lanes that have an item and want it."""
    here: Lanes | None = lanes if present is None else lanes.where(present)
    return here if here is None or settled is None else here.where(~settled)


def _chosen(evaluator: Evaluator, conditions: list[ast.expr], lanes: Lanes) -> Lanes | None:
    chosen: Lanes | None = lanes
    for condition in conditions:
        if chosen is None:
            return None
        found = evaluator.truth(condition, chosen)
        if found is not True:
            chosen = None if found is False else chosen.where(found)
    return chosen
