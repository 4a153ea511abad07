"""Expressions of a candidate: each gets a kind, and the text of compiled code that computes it.

What has to be done first goes into the block that is open. Where Python would not evaluate an
expression at all, what it needs stays in a block of that branch.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from evaluators.compiled_tier import arithmetic, arrays, calls, sources
from evaluators.compiled_tier.arithmetic import Value, constant, converted, truth
from evaluators.compiled_tier.code import Code
from evaluators.compiled_tier.kinds import (
    BOOL,
    FLOAT,
    INT,
    Items,
    Kind,
    Number,
    Row,
    Sequence,
    Untranslatable,
    Vector,
)
from evaluators.compiled_tier.variables import Bound, Cells, merge

_UFUNC_OF: Mapping[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "true_divide",
    ast.FloorDiv: "floor_divide",
    ast.Mod: "remainder",
    ast.Pow: "power",
    ast.BitAnd: "bitwise_and",
    ast.BitOr: "bitwise_or",
    ast.BitXor: "bitwise_xor",
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
}
_SIGNS: Mapping[type[ast.unaryop], str] = {ast.USub: "negative", ast.Invert: "invert"}


class Expressions:
    """Translates expressions at one point of the candidate.

    Attributes:
        code: where text goes.
        bound: the variables there are.
        cells: what is known of lists.
        loops: numpy's inner loops that are called: function and types.
        iterated: lists that loops around this point go through.
        alone: an expression that is all that its statement evaluates, and so may have an effect.
    """

    def __init__(
        self, code: Code, bound: Bound, cells: Cells, names: Mapping[str, Any], *, plain: bool
    ) -> None:
        """Begin where these variables are bound.

        Args:
            code: where text goes.
            bound: the variables there are.
            cells: what is known of lists.
            names: what the problem gives candidates.
            plain: whether there are no numbers of numpy's.
        """
        self._plain = plain
        self.code = code
        self.bound = bound
        self.cells = cells
        self.loops: set[tuple[str, str]] = set()
        self.iterated: list[Items] = []
        self.alone: ast.expr | None = None
        self._names = names
        self._renamed: dict[str, str] = {}

    def value(self, node: ast.expr) -> Value:
        """Return an expression's kind and text."""
        translate = self._EXPRESSIONS.get(type(node))
        if translate is None:
            raise Untranslatable(f"the expression {type(node).__name__}")
        return translate(self, node)

    def number(self, node: ast.expr) -> Value:
        """Return the value of an expression that is a number."""
        value = self.value(node)
        _ = value.number
        return value

    def index(self, node: ast.expr) -> str:
        """Return the text of an expression that is an int, and can be an index."""
        value = self.value(node)
        if value.kind is not INT:
            raise Untranslatable("an index that is not an int")
        return value.text

    def sequence(self, node: ast.expr) -> tuple[Sequence, str]:
        """Return the kind and the name of an expression that is a tuple or a list."""
        value = self.value(node)
        if not isinstance(value.kind, (Row, Items)):
            raise Untranslatable("something else where a tuple or a list must be")
        return value.kind, self.code.keep(value.text)

    def truth(self, node: ast.expr) -> str:
        """Return the text of an expression's truth."""
        if isinstance(node, ast.BoolOp):
            return self._all_or_any(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return f"(not {self.truth(node.operand)})"
        return truth(self.value(node))

    def item(self, kind: Kind) -> Number:
        """Return the kind of a sequence's or an array's entries."""
        if isinstance(kind, Items):
            found = kind.cell.root().item
            # An empty list, or one of which a later pass will know more.
            return INT if found is None else found
        if isinstance(kind, Number):
            raise Untranslatable("a number where a sequence must be")
        return kind.item

    @contextmanager
    def binding(self, names: Mapping[str, tuple[str, Kind]]) -> Iterator[None]:
        """Let names stand for other variables: those of a comprehension.

        Args:
            names: name → what it is called in compiled code, and its kind.
        """
        before = dict(self.bound), dict(self._renamed)
        for name, (text, kind) in names.items():
            self.bound[name], self._renamed[name] = kind, text
        try:
            yield
        finally:
            for current, earlier in zip((self.bound, self._renamed), before, strict=True):
                for name in names:
                    current.pop(name, None)  # type: ignore[attr-defined]
                    if name in earlier:
                        current[name] = earlier[name]  # type: ignore[index]

    def choose(self, test: str, ways: tuple[Callable[[], Value], Callable[[], Value]]) -> Value:
        """Return one of two values; what each needs is done only if it is the one."""
        with self.code.block() as first:
            one = ways[0]()
        with self.code.block() as second:
            other = ways[1]()
        kind = merge(one.kind, other.kind, self.cells)
        if kind is None:
            raise Untranslatable("a choice between values of different kinds")
        texts = [
            converted(each, kind) if isinstance(kind, Number) else each.text
            for each in (one, other)
        ]
        if not first.lines and not second.lines:
            return Value(kind, f"({texts[0]} if {test} else {texts[1]})")
        name = self.code.fresh()
        first.lines.append(f"{name} = {texts[0]}")
        second.lines.append(f"{name} = {texts[1]}")
        self.code.emit(f"if {test}:", first, "else:", second)
        return Value(kind, name)

    def loop(self, generators: list[ast.comprehension], inside: Callable[[], None]) -> None:
        """Write the loops of a comprehension around what is to be done inside."""
        first, *rest = generators
        if first.is_async:
            raise Untranslatable("an asynchronous comprehension")
        source = sources.of(self, first.iter)
        counter = self.code.fresh()
        with self.code.block() as body, self.binding(self._targets(first.target, source, counter)):
            self._inside(first.ifs, rest, inside)
        self.code.emit(f"for {counter} in range({source.length}):", body)

    def _inside(
        self,
        tests: list[ast.expr],
        generators: list[ast.comprehension],
        inside: Callable[[], None],
    ) -> None:
        if tests:
            test = self.truth(tests[0])
            with self.code.block() as body:
                self._inside(tests[1:], generators, inside)
            self.code.emit(f"if {test}:", body)
        elif generators:
            self.loop(generators, inside)
        else:
            inside()

    def _targets(
        self, target: ast.expr, source: sources.Source, counter: str
    ) -> dict[str, tuple[str, Kind]]:
        named: dict[str, tuple[str, Kind]] = {}
        for name, value in sources.unpacked(target, source.item(counter)):
            named[name] = (self.code.keep(value.text), value.kind)
        return named

    def _all_or_any(self, node: ast.BoolOp) -> str:
        word = "and" if isinstance(node.op, ast.And) else "or"
        text = self.truth(node.values[0])
        for each in node.values[1:]:
            with self.code.block() as block:
                other = self.truth(each)
            if not block.lines:
                text = f"({text} {word} {other})"
                continue
            name = self.code.fresh()
            block.lines.append(f"{name} = {other}")
            self.code.emit(f"{name} = {text}")
            self.code.emit(f"if {name if word == 'and' else f'not {name}'}:", block)
            text = name
        return text

    def _bool_op(self, node: ast.BoolOp) -> Value:
        return self._first_decisive(node.values, isinstance(node.op, ast.And))

    def _first_decisive(self, nodes: list[ast.expr], goes_on: bool) -> Value:
        value = self.value(nodes[0])
        if len(nodes) == 1:
            return value
        value = Value(value.kind, self.code.keep(value.text))
        rest: Callable[[], Value] = lambda: self._first_decisive(nodes[1:], goes_on)  # noqa: E731
        this: Callable[[], Value] = lambda: value  # noqa: E731
        return self.choose(truth(value), (rest, this) if goes_on else (this, rest))

    def _constant(self, node: ast.Constant) -> Value:
        return constant(node.value)

    def _name(self, node: ast.Name) -> Value:
        kind = self.bound.get(node.id)
        if kind is not None:
            return Value(kind, self._renamed.get(node.id, f"v_{node.id}"))
        given = self._names.get(node.id)
        if isinstance(given, (int, float)):
            return constant(given)
        raise Untranslatable(f"{node.id} may be unassigned, or is no variable")

    def _attribute(self, node: ast.Attribute) -> Value:
        match node.value:
            case ast.Name(id="math" | "np" as module) if module not in self.bound:
                found = arrays.CONSTANTS.get(node.attr)
                if found is None or (
                    module == "math" and node.attr not in ("pi", "e", "inf", "nan", "tau")
                ):
                    raise Untranslatable(f"{module}.{node.attr}")
                return constant(found)
            case _:
                value = self.value(node.value)
                if isinstance(value.kind, Vector) and node.attr == "size":
                    return Value(INT, f"len({value.text})")
                raise Untranslatable(f"the attribute {node.attr}")

    def _unary(self, node: ast.UnaryOp) -> Value:
        if isinstance(node.op, ast.Not):
            return Value(BOOL, f"(not {self.truth(node.operand)})")
        value = self.value(node.operand)
        if isinstance(value.kind, Vector):
            name = _SIGNS.get(type(node.op))
            if name is None:
                raise Untranslatable("a sign of an array")
            return arrays.apply(self, name, [value])
        if isinstance(node.op, ast.USub):
            return arithmetic.negative(value)
        if value.number is BOOL:
            raise Untranslatable("a sign of a truth value")
        if isinstance(node.op, ast.UAdd):
            return value
        if value.kind is not INT:
            raise Untranslatable("~ of a float")
        return Value(INT, f"(~{value.text})")

    def _binary(self, node: ast.BinOp) -> Value:
        return self.operate(node.op, self.value(node.left), self.value(node.right), node)

    def operate(self, op: ast.operator, left: Value, right: Value, place: ast.AST) -> Value:
        """Return `left op right`.

        Args:
            op: the operator.
            left: the left operand.
            right: the right one.
            place: node of the syntax tree at which a list may be made.
        """
        kinds = (left.kind, right.kind)
        if any(isinstance(kind, Vector) for kind in kinds):
            if isinstance(op, ast.Pow):
                return arrays.power(self, left, right)
            name = _UFUNC_OF.get(type(op))
            if name is None:
                raise Untranslatable(f"{type(op).__name__} of arrays")
            return arrays.apply(self, name, [left, right])
        if all(isinstance(kind, Number) for kind in kinds):
            return self._of_numbers(op, left, right)
        return calls.joined(self, op, left, right, place)

    def _of_numbers(self, op: ast.operator, left: Value, right: Value) -> Value:
        kinds = {left.kind, right.kind}
        if isinstance(op, ast.Pow) and not self._plain and FLOAT in kinds and len(kinds) > 1:
            # Of numpy's int and Python's float, numpy takes the power, and rounds it otherwise.
            whole = left if right.kind is FLOAT else right
            if whole.constant is None:
                raise Untranslatable("a power of an int, perhaps numpy's, and a float")
        return arithmetic.binary(op, left, right)

    def _compare(self, node: ast.Compare) -> Value:
        values = [self.value(node.left)]
        tests: list[Value] = []
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, (ast.In, ast.NotIn)):
                test = calls.contains(self, values[-1], comparator)
                if isinstance(op, ast.NotIn):
                    test = Value(BOOL, f"(not {test.text})")
                if len(node.ops) > 1:
                    raise Untranslatable("a chain with `in`")
                return test
            values.append(self.value(comparator))
            if len(node.ops) > 2 or len(values) < len(node.ops) + 1:
                values[-1] = Value(
                    values[-1].kind, self.code.keep(values[-1].text), values[-1].constant
                )
            tests.append(self._comparison(op, values[-2], values[-1]))
        if len(tests) == 1:
            return tests[0]
        return Value(BOOL, f"({' and '.join(truth(each) for each in tests)})")

    def _comparison(self, op: ast.cmpop, left: Value, right: Value) -> Value:
        if any(isinstance(each.kind, Vector) for each in (left, right)):
            name = _UFUNC_OF.get(type(op))
            if name is None:
                raise Untranslatable(f"the comparison {type(op).__name__} of arrays")
            return arrays.apply(self, name, [left, right])
        if isinstance(left.kind, Number) and isinstance(right.kind, Number):
            return arithmetic.compare(op, left, right)
        return calls.compare_sequences(self, op, left, right)

    def _conditional(self, node: ast.IfExp) -> Value:
        test = self.truth(node.test)
        return self.choose(test, (lambda: self.value(node.body), lambda: self.value(node.orelse)))

    def _subscript(self, node: ast.Subscript) -> Value:
        match node.value, node.slice:
            case ast.Attribute(value=array, attr="shape"), ast.Constant(value=0 | -1):
                return Value(INT, f"len({self._vector(array)})")
            case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr=name)), ast.Constant(
                value=0
            ) if name in ("where", "nonzero"):
                return arrays.places(self, node.value)
            case _:
                pass
        value = self.value(node.value)
        text = self.code.keep(value.text)
        if isinstance(value.kind, Number):
            raise Untranslatable("a number is indexed")
        if isinstance(node.slice, ast.Slice):
            return self._part(value.kind, text, node)
        if isinstance(value.kind, Vector):
            index = self.value(node.slice)
            if isinstance(index.kind, Vector):
                return arrays.take(value, index)
            if index.kind is INT:
                return Value(value.kind.item, f"{text}[{index.text}]")
            raise Untranslatable("an index that is not an int")
        return Value(self.item(value.kind), f"{text}[{self.index(node.slice)}]")

    def _vector(self, node: ast.expr) -> str:
        value = self.value(node)
        if not isinstance(value.kind, Vector):
            raise Untranslatable("something else where an array must be")
        return value.text

    def _part(self, kind: Kind, text: str, node: ast.Subscript) -> Value:
        assert isinstance(node.slice, ast.Slice)
        if isinstance(kind, Items):
            cell = self.cells.at(node)
            self.cells.unite(cell, kind.cell)
            kind = Items(cell, kind.form)
        return Value(kind, f"{text}[{self.slice(node.slice)}]")

    def slice(self, node: ast.Slice) -> str:
        """Return the text of a slice."""
        parts = [self.index(each) if each else "" for each in (node.lower, node.upper)]
        if node.step is None:
            return ":".join(parts)
        step = self.value(node.step)
        if not isinstance(step.constant, int) or step.constant == 0:
            raise Untranslatable("a step that is not a constant")
        return f"{':'.join(parts)}:{step.text}"

    def _display(self, node: ast.List | ast.Tuple) -> Value:
        form = "list" if isinstance(node, ast.List) else "tuple"
        values = [self.value(each) for each in node.elts]
        cell = self.cells.at(node)
        for value in values:
            self.cells.add(cell, value.number)
        item = cell.root().item
        texts = [value.text if item is None else converted(value, item) for value in values]
        if not texts:
            return Value(Items(cell, form), calls.empty(item))
        return Value(Items(cell, form), f"[{', '.join(texts)}]")

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> Value:
        return calls.collected(self, node, "list")

    def _call(self, node: ast.Call) -> Value:
        if any(isinstance(each, ast.Starred) for each in node.args):
            raise Untranslatable("a call with *arguments")
        match node.func:
            case ast.Name(id=name) if name not in self.bound:
                return calls.builtin(self, name, node)
            case ast.Attribute(value=ast.Name(id="math"), attr=name) if "math" not in self.bound:
                return calls.mathematical(self, name, node)
            case ast.Attribute(value=ast.Name(id="np"), attr=name) if "np" not in self.bound:
                return arrays.call(self, name, node)
            case ast.Attribute(value=owner, attr=name):
                return calls.method(self, owner, name, node)
            case _:
                raise Untranslatable("a call of what is not a known function")

    _EXPRESSIONS: ClassVar[Mapping[type[ast.expr], Callable[..., Value]]] = {
        ast.Attribute: _attribute,
        ast.BinOp: _binary,
        ast.BoolOp: _bool_op,
        ast.Call: _call,
        ast.Compare: _compare,
        ast.Constant: _constant,
        ast.IfExp: _conditional,
        ast.List: _display,
        ast.ListComp: _comprehension,
        ast.Name: _name,
        ast.Subscript: _subscript,
        ast.Tuple: _display,
        ast.UnaryOp: _unary,
    }
