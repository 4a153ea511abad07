"""Goes through the statements of a function, and notes how far it looks."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from evaluators.locality.expressions import Expressions, spelled_integer
from evaluators.locality.values import ARGUMENT, NUMBER, Refused, Shape, Value

_DEEPEST_LOOP = 3
_PASSES = 8
"""Through a loop's body, until nothing new is known; both bound the work on a hostile source."""


class Function(Expressions):
    """Goes through a function; see `Expressions`."""

    def __init__(self, function: ast.FunctionDef) -> None:
        arguments = function.args
        if (
            function.decorator_list
            or arguments.vararg
            or arguments.kwarg
            or arguments.kwonlyargs
            or arguments.defaults
        ):
            raise Refused
        parameters = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        self.alone = True
        self.reach = 0
        self._body = function.body
        self._known = dict.fromkeys(parameters, ARGUMENT)
        super().__init__(
            dict.fromkeys(parameters, ARGUMENT),
            # What a name stands for in the whole function is decided by any binding of it.
            set(parameters)
            | {
                node.id
                for node in ast.walk(function)
                if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
            },
        )
        self._body = function.body
        self._loops = 0

    def check(self) -> None:
        """Go through all statements."""
        self._block(self._body)

    def _block(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            match statement:
                case ast.Assign(targets=targets, value=value):
                    self._assign(targets, value)
                case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                    self._augment(name, op, value)
                case ast.AugAssign(target=ast.Subscript() as target, op=op, value=value):
                    self._write(target, value)
                    self._operator(op)
                case ast.If(test=test, body=body, orelse=orelse):
                    self._one(test)
                    self._branches(body, orelse)
                case ast.While(test=test, body=body, orelse=orelse):
                    self._loop([test], None, body)
                    self._branches(orelse, [])
                case ast.For(
                    target=ast.Name(id=name),
                    iter=ast.Call(func=ast.Name(id="range"), args=bounds, keywords=[]),
                    body=body,
                    orelse=orelse,
                ) if "range" not in self._bound:
                    self._loop(bounds, name, body)
                    self._branches(orelse, [])
                case ast.Return(value=ast.expr() as value):
                    if self._whole(value).shape is Shape.CUT:
                        raise Refused
                case ast.Pass() | ast.Break() | ast.Continue():
                    pass
                case ast.Import(
                    names=[ast.alias("numpy", "np") | ast.alias("math", None | "math")]
                ):
                    pass
                case _:
                    raise Refused

    def _assign(self, targets: Sequence[ast.expr], value: ast.expr) -> None:
        if isinstance(targets[0], ast.Subscript) and len(targets) == 1:
            self._write(targets[0], value)
            return
        found = self._whole(value)
        for target in targets:
            if not isinstance(target, ast.Name):
                raise Refused
            self._bind(target.id, found)

    def _bind(self, name: str, value: Value) -> None:
        if self._loops and name in self._known:
            # Any statement of a loop may be the last one that was run, or follow any other.
            value = value.or_else(self._known[name])
        self._known[name] = value

    def _changed(self, radius: int) -> None:
        """Note the radius of an array that was written to: any other name may stand for it, too."""
        if radius:
            self._look(radius)
            for name, value in self._known.items():
                if value.shape is not Shape.ONE:
                    self._known[name] = replace(value, radius=max(value.radius, radius))

    def _augment(self, name: str, op: ast.operator, value: ast.expr) -> None:
        old = self._name(name)
        if old.shared:
            raise Refused
        result = self._result(op, [old, self._whole(value)])
        self._changed(max(result.radius, *result.cut))
        self._bind(name, replace(result, radius=max(result.radius, *result.cut)))

    def _write(self, target: ast.Subscript, value: ast.expr) -> None:
        """Write to some places of a local array."""
        if not isinstance(target.value, ast.Name):
            raise Refused
        array = self._name(target.value.id)
        if array.shared:
            raise Refused
        if isinstance(target.slice, ast.Slice):
            part = self._slice(array, target.slice)
            result = self._join([part, self._whole(value)])
            self._changed(max(array.radius, result.radius, *part.cut))
        elif (place := spelled_integer(target.slice)) is not None:
            self._one(value)
            self._changed(max(array.radius, self._distance(array, place)))
        else:
            self._write_where(array, target.slice, value)

    def _write_where(self, array: Value, mask: ast.expr, value: ast.expr) -> None:
        """Write to the places that a mask selects."""
        where = self._whole(mask)
        if not where.boolean or Shape.CUT in (where.shape, array.shape):
            raise Refused
        self._mask = ast.dump(mask)
        # One entry for each place of the array would be as many as the mask selects by chance.
        found = self._expression(value)
        if found.shape in (Shape.WHOLE, Shape.CUT):
            raise Refused
        self._mask = None
        self._changed(max(array.radius, where.radius, found.radius))

    def _branches(self, body: Sequence[ast.stmt], orelse: Sequence[ast.stmt]) -> None:
        before = dict(self._known)
        self._block(body)
        after, self._known = self._known, before
        self._block(orelse)
        for name, value in after.items():
            # A name that only one branch binds is unbound after the other, whatever the entries.
            other = self._known.get(name, value)
            self._known[name] = value.or_else(other)

    def _loop(self, tests: Sequence[ast.expr], name: str | None, body: Sequence[ast.stmt]) -> None:
        self._loops += 1
        if self._loops > _DEEPEST_LOOP:
            raise Refused
        for _ in range(_PASSES):
            before = dict(self._known)
            for test in tests:
                self._one(test)
            if name is not None:
                self._bind(name, NUMBER)
            self._block(body)
            if before == self._known:
                break
        else:
            raise Refused
        self._loops -= 1
