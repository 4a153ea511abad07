"""Statements of a candidate, with the variables that are bound where ways part and meet."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from evaluators.compiled_tier import arrays, calls, sources
from evaluators.compiled_tier.arithmetic import Value, converted, floating
from evaluators.compiled_tier.code import Block, Code, Inline
from evaluators.compiled_tier.expressions import Expressions
from evaluators.compiled_tier.kinds import (
    BOOL,
    FLOAT,
    INT,
    Items,
    Number,
    Row,
    Untranslatable,
    Vector,
)
from evaluators.compiled_tier.variables import Bound, Cells, conversions, merge_bound

_MOST_PASSES = 12
"""Over a loop, until nothing more is learnt of its variables."""
_DEEPEST = 6
"""Loops within loops; each doubles the passes over the innermost."""


@dataclass
class _Loop:
    """A loop around the statement at hand.

    Attributes:
        head: what is bound where its body begins.
        continued: what is bound at each `continue`.
        broken: what is bound at each `break`, and where conversions for the way out belong.
    """

    head: Bound
    continued: list[Bound] = field(default_factory=list[Bound])
    broken: list[tuple[Bound, Inline]] = field(default_factory=list[tuple[Bound, Inline]])


class Statements:
    """Translates the body of a candidate.

    Attributes:
        returns: the kinds of what it returns.
    """

    def __init__(
        self, code: Code, bound: Bound, cells: Cells, names: Mapping[str, Any], *, plain: bool
    ) -> None:
        self._code = code
        self._bound: Bound | None = bound
        self._cells = cells
        self.expressions = Expressions(code, bound, cells, names, plain=plain)
        self._loops: list[_Loop] = []
        self.returns: list[Number | Vector] = []

    def body(self, statements: Sequence[ast.stmt]) -> None:
        """Translate the whole body.

        Raises:
            Untranslatable: it cannot be, or may end without returning anything.
        """
        self._block(statements)
        if self._bound is not None:
            raise Untranslatable("it may return None")

    def _go_on(self, bound: Bound | None) -> None:
        self._bound = bound
        self.expressions.bound = {} if bound is None else bound

    def _block(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            if self._bound is None:
                return
            perform = self._STATEMENTS.get(type(statement))
            if perform is None:
                raise Untranslatable(f"the statement {type(statement).__name__}")
            perform(self, statement)

    def _way(
        self, statements: Sequence[ast.stmt], bound: Bound | None
    ) -> tuple[Block, Bound | None]:
        """Translate statements that begin with these variables; return where they end."""
        self._go_on(None if bound is None else dict(bound))
        with self._code.block() as block:
            self._block(statements)
        return block, self._bound

    def _assign(self, node: ast.Assign) -> None:
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Tuple):
            self._unpack(node.targets[0], node.value)
            return
        self.expressions.alone = node.value
        value = self.expressions.value(node.value)
        if len(node.targets) > 1:
            value = Value(value.kind, self._code.keep(value.text), value.constant)
        for target in node.targets:
            self._store(target, value)

    def _unpack(self, target: ast.Tuple, node: ast.expr) -> None:
        if not isinstance(node, (ast.Tuple, ast.List)) or len(node.elts) != len(target.elts):
            raise Untranslatable("a value is unpacked")
        values = [self.expressions.value(each) for each in node.elts]
        kept = [Value(each.kind, self._copy(each.text), each.constant) for each in values]
        for each, value in zip(target.elts, kept, strict=True):
            self._store(each, value)

    def _copy(self, text: str) -> str:
        name = self._code.fresh()
        self._code.emit(f"{name} = {text}")
        return name

    def _store(self, target: ast.expr, value: Value) -> None:
        match target:
            case ast.Name(id=name):
                self._code.emit(f"v_{name} = {value.text}")
                assert self._bound is not None
                self._bound[name] = value.kind
            case ast.Subscript():
                self._store_in(target, value)
            case _:
                raise Untranslatable("an assignment to something else than names and entries")

    def _store_in(self, target: ast.Subscript, value: Value) -> None:
        holder = self.expressions.value(target.value)
        kind = holder.kind
        if isinstance(kind, Items) and kind.form == "list":
            index = self.expressions.index(target.slice)
            held = self._cells.add(kind.cell, value.number)
            self._code.emit(f"{holder.text}[{index}] = {converted(value, held)}")
        elif isinstance(kind, Vector):
            self._store_in_array(holder, kind, target.slice, value)
        else:
            raise Untranslatable("an entry of a tuple or of an argument is assigned")

    def _store_in_array(self, holder: Value, kind: Vector, index: ast.expr, value: Value) -> None:
        if not kind.fresh:
            raise Untranslatable("an argument is changed")
        name = self._code.keep(holder.text)
        stored = value
        if isinstance(value.kind, (Row, Items)):
            stored = arrays.vector(self.expressions, value)
        if isinstance(stored.kind, Number):
            text = arrays.fits(kind.item, stored)
        elif isinstance(stored.kind, Vector) and stored.kind.item is kind.item:
            text = stored.text
        elif isinstance(stored.kind, Vector) and kind.item is FLOAT:
            text = f"cast_floats({stored.text})"
        else:
            raise Untranslatable("an array is cut off to fit into another")
        shape = "array" if isinstance(stored.kind, Vector) else "number"
        if isinstance(index, ast.Slice):
            self._code.emit(f"store_{shape}({name}[{self.expressions.slice(index)}], {text})")
            return
        place = self.expressions.value(index)
        if isinstance(place.kind, Vector):
            if place.kind.item is FLOAT:
                raise Untranslatable("an array of floats as an index")
            where = "where" if place.kind.item is BOOL else "at"
            self._code.emit(f"store_{shape}_{where}({name}, {place.text}, {text})")
        elif place.kind is INT and shape == "number":
            self._code.emit(f"{name}[{place.text}] = {text}")
        else:
            raise Untranslatable("an index that is not an int")

    def _annotated(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._store(node.target, self.expressions.value(node.value))

    def _augment(self, node: ast.AugAssign) -> None:
        loaded = _loaded(node.target)
        left = self.expressions.value(loaded)
        right = self.expressions.value(node.value)
        if isinstance(left.kind, Items) and left.kind.form == "list":
            raise Untranslatable("a list is changed in place")
        if isinstance(right.kind, (Row, Items)) and isinstance(left.kind, Vector):
            right = arrays.vector(self.expressions, right)
        if isinstance(left.kind, Vector):
            name = self._code.keep(left.text)
            self._in_place(node, Value(left.kind, name), right)
            return
        result = self.expressions.operate(node.op, left, right, node)
        if isinstance(result.kind, Vector) and isinstance(node.target, ast.Subscript):
            raise Untranslatable("an array where a number was")
        self._store(node.target, result)

    def _in_place(self, node: ast.AugAssign, left: Value, right: Value) -> None:
        """Change an array: every name for it sees that, and nothing is read after it is written."""
        result = self.expressions.operate(node.op, left, right, node)
        assert isinstance(left.kind, Vector)
        if not left.kind.fresh:
            raise Untranslatable("an argument is changed")
        assert isinstance(result.kind, Vector)
        if result.kind.item is not left.kind.item:
            raise Untranslatable("an array is changed to another type in place")
        if isinstance(node.target, ast.Name):
            self._code.emit(f"store_array({left.text}, {result.text})")
        else:
            self._store(node.target, result)

    def _express(self, node: ast.Expr) -> None:
        match node.value:
            case ast.Constant():
                return
            case ast.Call(func=ast.Attribute(value=owner, attr="sort"), args=[]) if not (
                node.value.keywords
            ):
                holder = self.expressions.value(owner)
                if isinstance(holder.kind, Vector):
                    if not holder.kind.fresh:
                        raise Untranslatable("an argument is changed")
                    name = self._code.keep(holder.text)
                    self._code.emit(f"store_array({name}, sorted_array({name}))")
                    return
            case _:
                pass
        if calls.changes(self.expressions, node.value):
            return
        self.expressions.alone = node.value
        value = self.expressions.value(node.value)
        self._code.emit(f"{self._code.fresh()} = {value.text}")

    def _pass(self, node: ast.Pass) -> None:
        return

    def _return(self, node: ast.Return) -> None:
        if node.value is None:
            raise Untranslatable("it returns None")
        value = self.expressions.value(node.value)
        if isinstance(value.kind, (Row, Items)):
            value = arrays.vector(self.expressions, value)
        if isinstance(value.kind, Vector):
            if not value.kind.fresh:
                raise Untranslatable("it returns an argument, or a part of one")
            self._code.emit(f"return result_{value.kind.item.name}s({value.text})")
            self.returns.append(value.kind)
        else:
            self._code.emit(f"return result({floating(value)})")
            self.returns.append(FLOAT)
        self._go_on(None)

    def _if(self, node: ast.If) -> None:
        test = self.expressions.truth(node.test)
        before = self._bound
        ways = [self._way(each, before) for each in (node.body, node.orelse)]
        after = merge_bound((bound for _, bound in ways), self._cells)
        for block, bound in ways:
            block.lines += conversions(bound, after)
        (body, _), (orelse, _) = ways
        self._code.emit(f"if {test}:", body)
        if orelse.lines:
            self._code.emit("else:", orelse)
        self._go_on(after)

    def _break(self, node: ast.Break) -> None:
        assert self._bound is not None
        way_out = Inline()
        self._code.emit(way_out, "break")
        self._loops[-1].broken.append((self._bound, way_out))
        self._go_on(None)

    def _continue(self, node: ast.Continue) -> None:
        assert self._bound is not None
        loop = self._loops[-1]
        loop.continued.append(self._bound)
        self._code.emit(*conversions(self._bound, loop.head), "continue")
        self._go_on(None)

    def _for(self, node: ast.For) -> None:
        source = sources.of(self.expressions, node.iter)
        counter = self._code.fresh()
        self.expressions.iterated += source.items

        def begin() -> None:
            for name, value in list(sources.unpacked(node.target, source.item(counter))):
                self._store(ast.Name(name, ast.Store()), value)

        body, entry, loop = self._repeat(node.body, begin)
        for _ in source.items:
            self.expressions.iterated.pop()
        self._code.emit(entry, f"for {counter} in range({source.length}):", body)
        self._leave(loop, loop.head, node.orelse)

    def _while(self, node: ast.While) -> None:
        if node.orelse:
            raise Untranslatable("an else of while")
        left: list[Bound] = []

        def begin() -> None:
            test = self.expressions.truth(node.test)
            with self._code.block() as block:
                self._code.emit("break")
            if not (isinstance(node.test, ast.Constant) and node.test.value):
                self._code.emit(f"if not {test}:", block)
                assert self._bound is not None
                left[:] = [dict(self._bound)]

        body, entry, loop = self._repeat(node.body, begin)
        self._code.emit(entry, "while True:", body)
        self._leave(loop, left[0] if left else None, [])

    def _repeat(
        self, statements: Sequence[ast.stmt], begin: Callable[[], None]
    ) -> tuple[Block, Inline, _Loop]:
        """Translate a loop's body until what is bound at its beginning holds for every turn.

        Returns:
            The body, what is to be done before the loop, and the loop.
        """
        before = self._bound
        assert before is not None
        if len(self._loops) >= _DEEPEST:
            raise Untranslatable("loops too deep in each other")
        head = dict(before)
        for _ in range(_MOST_PASSES):
            loop = _Loop(head)
            self._loops.append(loop)
            self._go_on(dict(head))
            with self._code.block() as body:
                begin()
                self._block(statements)
            self._loops.pop()
            merged = merge_bound((head, self._bound, *loop.continued), self._cells)
            assert merged is not None
            if merged == head:
                body.lines += conversions(self._bound, head)
                return body, Inline([*conversions(before, head)]), loop
            head = merged
        raise Untranslatable("variables that change their kinds in a loop")

    def _leave(self, loop: _Loop, normal: Bound | None, orelse: Sequence[ast.stmt]) -> None:
        """Go on after a loop: from its normal end, and from every `break`."""
        end = Block()
        if orelse:
            end, normal = self._way(orelse, normal)
        elif normal is not None:
            normal = dict(normal)
        after = merge_bound((normal, *(bound for bound, _ in loop.broken)), self._cells)
        for bound, way_out in loop.broken:
            way_out.lines += conversions(bound, after)
        # After a normal end alone: a `break` skips this.
        end.lines += conversions(normal, after)
        if end.lines:
            if loop.broken:
                self._code.emit("else:", end)
            else:
                self._code.emit(Inline(end.lines))
        self._go_on(after)

    _STATEMENTS: ClassVar[Mapping[type[ast.stmt], Callable[..., None]]] = {
        ast.AnnAssign: _annotated,
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


def _loaded(target: ast.expr) -> ast.expr:
    match target:
        case ast.Name(id=name):
            return ast.Name(name, ast.Load())
        case ast.Subscript(value=value, slice=index):
            return ast.Subscript(value, index, ast.Load())
        case _:
            raise Untranslatable("an assignment to something else than names and entries")
