"""What loops and comprehensions run over."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from evaluators.array_tier.arithmetic import binary, compare
from evaluators.array_tier.calls import as_int
from evaluators.array_tier.lanes import GiveUp, Lanes
from evaluators.array_tier.sequences import LONGEST
from evaluators.array_tier.values import Bools, Ints, Mask, Ragged, Row, Value, number

if TYPE_CHECKING:
    from evaluators.array_tier.evaluator import Evaluator

Item = tuple[Mask | None, Value]
"""A value, and the lanes that have it; None stands for all that run the loop."""


def items(evaluator: Evaluator, node: ast.expr, lanes: Lanes) -> Iterable[Item]:
    """Return the items that an expression yields; its parts are evaluated at once."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        name = node.func.id
        if name in _ITERATORS and name not in evaluator.hidden:
            return _ITERATORS[name](evaluator, node.args, lanes)
    value = evaluator.value(node, lanes)
    if isinstance(value, Row):
        return [(None, item) for item in value.items]
    if isinstance(value, Ragged):
        return value.items
    raise GiveUp("a loop over something else than a sequence")


def _range(evaluator: Evaluator, arguments: Sequence[ast.expr], lanes: Lanes) -> Iterable[Item]:
    numbers = [as_int(number(evaluator.value(each, lanes))) for each in arguments]
    plain = [each for each in numbers if isinstance(each, int)]
    if len(plain) == len(numbers):
        return ((None, each) for each in range(*plain))
    start = numbers[0] if len(numbers) > 1 else 0
    stop = numbers[1] if len(numbers) > 1 else numbers[0]
    step = numbers[2] if len(numbers) > 2 else 1
    if not isinstance(step, int) or step == 0 or len(numbers) > 3:
        raise GiveUp("a range of varying step")
    return _varying_range(evaluator, start, stop, step, lanes)


def _varying_range(
    evaluator: Evaluator, start: int | Ints, stop: int | Ints, step: int, lanes: Lanes
) -> Iterator[Item]:
    value: Value = start
    going = ast.Lt if step > 0 else ast.Gt
    while True:
        evaluator.spend(lanes)
        present = compare(going, number(value), stop, lanes)
        if present is False or (isinstance(present, Bools) and not lanes.any(present.array)):
            return
        yield (present.array if isinstance(present, Bools) else None), value
        value = binary(ast.Add, number(value), step, lanes)


def _listed(evaluator: Evaluator, node: ast.expr, lanes: Lanes) -> list[Value]:
    found: list[Value] = []
    for present, item in items(evaluator, node, lanes):
        if present is not None or len(found) >= 4 * LONGEST:
            raise GiveUp("a sequence that is long, or longer in some lanes")
        found.append(item)
    return found


def _enumerate(evaluator: Evaluator, arguments: Sequence[ast.expr], lanes: Lanes) -> Iterable[Item]:
    start = evaluator.value(arguments[1], lanes) if len(arguments) == 2 else 0
    if len(arguments) not in (1, 2) or not isinstance(start, int):
        raise GiveUp("enumerate")
    found = _listed(evaluator, arguments[0], lanes)
    return [(None, Row((place, item), "tuple")) for place, item in enumerate(found, start)]


def _zip(evaluator: Evaluator, arguments: Sequence[ast.expr], lanes: Lanes) -> Iterable[Item]:
    columns = [_listed(evaluator, each, lanes) for each in arguments]
    return [(None, Row(row, "tuple")) for row in zip(*columns, strict=False)]


def _reversed(evaluator: Evaluator, arguments: Sequence[ast.expr], lanes: Lanes) -> Iterable[Item]:
    # What `enumerate` and `zip` yield cannot be reversed.
    inner = arguments[0] if len(arguments) == 1 else None
    if inner is None or (
        isinstance(inner, ast.Call)
        and isinstance(inner.func, ast.Name)
        and inner.func.id in ("enumerate", "zip", "reversed")
    ):
        raise GiveUp("reversed")
    return [(None, item) for item in reversed(_listed(evaluator, inner, lanes))]


_ITERATORS: Mapping[str, Callable[[Evaluator, Sequence[ast.expr], Lanes], Iterable[Item]]] = {
    "enumerate": _enumerate,
    "range": _range,
    "reversed": _reversed,
    "zip": _zip,
}
