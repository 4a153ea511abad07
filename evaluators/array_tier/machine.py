"""Statements of a candidate, run in all lanes at once, and the run as a whole.

The candidate's code is never executed here: its syntax tree is interpreted, node by node. What is
not listed here or in `evaluator` gives up.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evaluators.array_tier import sources
from evaluators.array_tier.columns import Columns
from evaluators.array_tier.evaluator import Evaluator, operate
from evaluators.array_tier.lanes import GiveUp, Lanes
from evaluators.array_tier.values import Mixed, Row, Value, as_floats, number

_RAISED = (ArithmeticError, LookupError, MemoryError, RecursionError, TypeError, ValueError)
"""What Python's own operations raise on values that are the same in all lanes, and what ends a
run that needs too much; the interpreter is to say what becomes of it."""


def run(
    tree: ast.Module, names: Collection[str], columns: Sequence[Any], prepared: Columns
) -> NDArray[np.float64]:
    """Return what calling the function once per row returns, as `Candidate.map` does.

    Args:
        tree: of the program.
        names: what the problem gives candidates beyond `vocabulary.PROVIDED`.
        columns: the arguments of `map`.
        prepared: values of columns.

    Returns:
        float64 array, shape (rows,).

    Raises:
        GiveUp: the interpreter must run the map.
    """
    try:
        function = _only_function(tree)
        parameters = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
        values = [prepared.value(column) for column in columns]
        rows = {count for _, count in values if count is not None}
        if len(parameters) != len(values) or len(rows) != 1:
            raise GiveUp("the columns do not fit the parameters")
        bound = {function.name, *parameters, *_assigned(function)}
        evaluator = Evaluator(rows.pop(), bound, names)
        with np.errstate(all="ignore"):
            arguments = {name: value for name, (value, _) in zip(parameters, values, strict=True)}
            return _Machine(evaluator).run(function, arguments)
    except _RAISED as error:
        raise GiveUp(f"{type(error).__name__}: {error}") from None


def _only_function(tree: ast.Module) -> ast.FunctionDef:
    match tree.body:
        case [ast.FunctionDef(decorator_list=[], args=arguments) as function] if not (
            arguments.vararg or arguments.kwonlyargs or arguments.kwarg or arguments.defaults
        ):
            return function
        case _:
            raise GiveUp("not one plain function")


def _assigned(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id


@dataclass
class _Loop:
    """Lanes that have left the body of the loop that runs."""

    broken: list[Lanes] = field(default_factory=list[Lanes])
    continued: list[Lanes] = field(default_factory=list[Lanes])


class _Machine:
    """Runs statements; each method returns the lanes that go on, or None."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._returned: NDArray[np.float64] | None = None
        self._loop = _Loop()
        self._jumps = 0

    def run(self, function: ast.FunctionDef, arguments: Mapping[str, Value]) -> NDArray[np.float64]:
        lanes = Lanes(self._evaluator.size)
        for name, value in arguments.items():
            self._evaluator.environment.write(name, value, lanes)
        if self._block(function.body, lanes) is not None or self._returned is None:
            raise GiveUp("it may return None")
        # The sign of NaN depends on the order in which a processor is given two of them.
        if np.isnan(self._returned).any():
            raise GiveUp("it returns NaN")
        return self._returned

    def _block(self, statements: Sequence[ast.stmt], lanes: Lanes) -> Lanes | None:
        going: Lanes | None = lanes
        for statement in statements:
            if going is None:
                break
            self._evaluator.spend(going)
            perform = self._STATEMENTS.get(statement.__class__)
            if perform is None:
                raise GiveUp(f"the statement {statement.__class__.__name__}")
            going = perform(self, statement, going)
        return going

    def _assign(self, node: ast.Assign, lanes: Lanes) -> Lanes:
        value = self._evaluator.value(node.value, lanes)
        for target in node.targets:
            self._evaluator.bind(target, value, lanes)
        return lanes

    def _declare(self, node: ast.AnnAssign, lanes: Lanes) -> Lanes:
        if node.value is not None or not isinstance(node.target, ast.Name):
            raise GiveUp("an annotated assignment")
        return lanes

    def _augment(self, node: ast.AugAssign, lanes: Lanes) -> Lanes:
        if not isinstance(node.target, ast.Name):
            raise GiveUp("an assignment to something else than names")
        environment = self._evaluator.environment
        left = environment.read(node.target.id, lanes)
        if isinstance(left, Row) and left.kind == "list":
            raise GiveUp("a list is changed")
        right = self._evaluator.value(node.value, lanes)
        result = operate(node.op.__class__, left, right, lanes)
        environment.write(node.target.id, result, lanes)
        return lanes

    def _express(self, node: ast.Expr, lanes: Lanes) -> Lanes:
        if not isinstance(node.value, ast.Constant):
            self._evaluator.value(node.value, lanes)
        return lanes

    def _pass(self, node: ast.Pass, lanes: Lanes) -> Lanes:
        return lanes

    def _return(self, node: ast.Return, lanes: Lanes) -> None:
        if node.value is None:
            raise GiveUp("it returns None")
        result = _as_result(self._evaluator.value(node.value, lanes), lanes.size)
        if self._returned is None:
            self._returned = result
        else:
            self._returned = np.where(lanes.mask(), result, self._returned)

    def _if(self, node: ast.If, lanes: Lanes) -> Lanes | None:
        found = self._evaluator.truth(node.test, lanes)
        if isinstance(found, bool):
            return self._block(node.body if found else node.orelse, lanes)
        inside = lanes.where(found)
        if inside is None or inside is lanes:
            return self._block(node.orelse if inside is None else node.body, lanes)
        outside = lanes.where(~found)
        assert outside is not None
        jumps = self._jumps
        pieces = (self._block(node.body, inside), self._block(node.orelse, outside))
        if pieces[0] is inside and pieces[1] is outside:
            return lanes
        return lanes.union(pieces, whole=lanes.whole and jumps == self._jumps)

    def _break(self, node: ast.Break, lanes: Lanes) -> None:
        self._jumps += 1
        self._loop.broken.append(lanes)

    def _continue(self, node: ast.Continue, lanes: Lanes) -> None:
        self._jumps += 1
        self._loop.continued.append(lanes)

    def _for(self, node: ast.For, lanes: Lanes) -> Lanes | None:
        outer, self._loop = self._loop, _Loop()
        going: Lanes | None = lanes
        for present, value in sources.items(self._evaluator, node.iter, lanes):
            assert going is not None
            entering = going if present is None else going.where(present)
            if entering is None:
                continue
            self._evaluator.spend(entering)
            self._evaluator.bind(node.target, value, entering)
            waiting = None if entering is going else going.where(~entering.mask())
            going = self._turn(node.body, entering, waiting, lanes)
            if going is None:
                break
        return self._after(node.orelse, going, lanes, outer)

    def _while(self, node: ast.While, lanes: Lanes) -> Lanes | None:
        outer, self._loop = self._loop, _Loop()
        going: Lanes | None = lanes
        ended: list[Lanes] = []
        while going is not None:
            self._evaluator.spend(going)
            found = self._evaluator.truth(node.test, going)
            mask = np.full(lanes.size, found) if isinstance(found, bool) else found
            entering, leaving = going.where(mask), going.where(~mask)
            if leaving is not None:
                ended.append(leaving)
            going = None if entering is None else self._turn(node.body, entering, None, lanes)
            if going is not None and ended and going.whole:
                going = Lanes(going.size, going.mask(), going.count, False, going)
        rest = lanes.union(ended, whole=lanes.whole and not self._loop.broken)
        return self._after(node.orelse, rest, lanes, outer)

    def _turn(
        self, body: Sequence[ast.stmt], entering: Lanes, waiting: Lanes | None, lanes: Lanes
    ) -> Lanes | None:
        """Run a loop's body once; return the lanes that are in the loop afterwards."""
        loop = self._loop
        left = self._block(body, entering)
        if left is entering and waiting is None:
            return left
        pieces = (left, *loop.continued, waiting)
        loop.continued.clear()
        return lanes.union(pieces, whole=lanes.whole and not loop.broken)

    def _after(
        self, orelse: Sequence[ast.stmt], going: Lanes | None, lanes: Lanes, outer: _Loop
    ) -> Lanes | None:
        """End a loop; return the lanes that have not returned in it."""
        broken = self._loop.broken
        self._loop = outer
        if orelse and going is not None:
            going = self._block(orelse, going)
        return lanes.union((going, *broken), whole=lanes.whole) if broken else going

    _STATEMENTS: ClassVar[Mapping[type[ast.AST], Callable[..., Any]]] = {
        ast.AnnAssign: _declare,
        ast.Assign: _assign,
        ast.AugAssign: _augment,
        ast.Break: _break,
        ast.Continue: _continue,
        ast.Expr: _express,
        ast.For: _for,
        ast.If: _if,
        ast.Pass: _pass,
        ast.Return: _return,
        ast.While: _while,
    }


def _as_result(value: Value, size: int) -> NDArray[np.float64]:
    result = number(value)
    if isinstance(result, Mixed):
        return np.where(result.whole, as_floats(result.ints), as_floats(result.floats))
    floats = as_floats(result)
    return np.full(size, floats) if isinstance(floats, float) else floats
