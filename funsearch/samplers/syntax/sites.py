"""Sites: every place of a function where another expression or statement may stand."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from enum import Enum, auto

from funsearch.samplers.syntax.kinds import (
    ARRAYS,
    NUMBERS,
    Kind,
    Scope,
    element,
    of_expression,
)


class Role(Enum):
    """What an expression is for; it says what may replace it without a crash."""

    VALUE = auto()
    TEST = auto()
    INDEX = auto()
    """Of an element: out of range it raises."""
    SLICE = auto()
    """A bound of a slice: any int does."""
    EXPONENT = auto()
    """Large ones take all the time there is."""
    DIVISOR = auto()
    """Right of `/`, `//` or `%`: must not be 0."""
    BOUND = auto()
    """Of a range."""
    ITERABLE = auto()


@dataclass(slots=True)
class Site:
    """An expression in its place.

    Attributes:
        parent: the node that holds it.
        field: under which name.
        position: where in that field, if it is a list.
        node: the expression.
        role: what it is for.
        scope: what it may use.
    """

    parent: ast.AST
    field: str
    position: int | None
    node: ast.expr
    role: Role
    scope: Scope

    @property
    def kind(self) -> Kind:
        """Kind of its value."""
        return of_expression(self.node, self.scope)

    def put(self, node: ast.expr) -> None:
        """Let another expression stand here."""
        if self.position is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.position] = node


@dataclass(slots=True)
class Gap:
    """A place between statements: before `block[position]`.

    Attributes:
        block: the list of statements.
        position: from 0 to the block's length.
        scope: what a statement there may use.
    """

    block: list[ast.stmt]
    position: int
    scope: Scope


def is_constant(node: ast.expr) -> bool:
    """Whether this is a number as written, a sign included."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) in {int, float}


class Sites:
    """All sites and gaps of a function, in order of the text.

    What this class does not understand (nested functions, `with`, `lambda`) is left alone: it has
    no sites.
    """

    def __init__(self, function: ast.FunctionDef, parameters: Scope) -> None:
        self.expressions: list[Site] = []
        self.gaps: list[Gap] = []
        self._block(function.body, parameters)

    def values(self) -> list[Site]:
        """Return the sites whose value is a number or an array and may be any other."""
        kinds = NUMBERS | ARRAYS
        return [s for s in self.expressions if s.role is Role.VALUE and s.kind in kinds]

    def of_role(self, role: Role) -> list[Site]:
        """Return the sites of a role."""
        return [site for site in self.expressions if site.role is role]

    def _block(self, block: list[ast.stmt], scope: Scope) -> None:
        for position, statement in enumerate(block):
            self.gaps.append(Gap(block, position, scope))
            scope = {**scope, **self._statement(statement, scope)}
        if not isinstance(block[-1], (ast.Return, ast.Break, ast.Continue)):
            self.gaps.append(Gap(block, len(block), scope))

    def _statement(self, node: ast.stmt, scope: Scope) -> Scope:
        """Note the sites of a statement; return what is certainly bound after it."""
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._expression(node, "value", None, value, Role.VALUE, scope)
                return {name: of_expression(value, scope)}
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                self._expression(node, "value", None, value, _right_role(op), scope)
                return {name: of_expression(ast.BinOp(ast.Name(name), op, value), scope)}
            case ast.Return(value=ast.expr() as value):
                self._expression(node, "value", None, value, Role.VALUE, scope)
            case ast.If(test=test) | ast.While(test=test):
                self._expression(node, "test", None, test, Role.TEST, scope)
                self._block(node.body, scope)
                if node.orelse:
                    self._block(node.orelse, scope)
            case ast.For(iter=source, target=target):
                self._expression(node, "iter", None, source, Role.ITERABLE, scope)
                self._block(node.body, {**scope, **bindings(target, source, scope)})
            case _:
                pass
        return {}

    def _expression(
        self,
        parent: ast.AST,
        field: str,
        position: int | None,
        node: ast.expr,
        role: Role,
        scope: Scope,
    ) -> None:
        self.expressions.append(Site(parent, field, position, node, role, scope))
        if isinstance(node, (ast.Name, ast.Constant)):
            return
        match node:
            case ast.BinOp(left=left, op=op, right=right):
                # Inside an index everything stays an index: a float there would raise.
                inner = role if role in _POSITIONS else Role.VALUE
                self._expression(node, "left", None, left, inner, scope)
                self._expression(node, "right", None, right, _right_role(op, inner), scope)
            case ast.UnaryOp(op=op, operand=operand) if not is_constant(node):
                inner = Role.TEST if isinstance(op, ast.Not) else Role.VALUE
                self._expression(node, "operand", None, operand, inner, scope)
            case ast.BoolOp(values=values):
                self._list(node, "values", values, Role.TEST, scope)
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                self._expression(node, "left", None, left, Role.VALUE, scope)
                among = isinstance(ops[0], (ast.In, ast.NotIn))
                inner = Role.ITERABLE if among else Role.VALUE
                self._list(node, "comparators", comparators, inner, scope)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self._expression(node, "test", None, test, Role.TEST, scope)
                self._expression(node, "body", None, body, role, scope)
                self._expression(node, "orelse", None, orelse, role, scope)
            case ast.Subscript(slice=ast.Slice(lower=lower, upper=upper) as inside):
                for name, bound in (("lower", lower), ("upper", upper)):
                    if bound is not None:
                        self._expression(inside, name, None, bound, Role.SLICE, scope)
            case ast.Subscript(slice=inside):
                self._expression(node, "slice", None, inside, Role.INDEX, scope)
            case ast.Call(args=arguments):
                self._list(node, "args", arguments, _argument_role(node), scope)
            case ast.GeneratorExp() | ast.ListComp():
                self._comprehension(node, scope)
            case _:
                pass

    def _list(
        self, parent: ast.AST, field: str, nodes: list[ast.expr], role: Role, scope: Scope
    ) -> None:
        for position, node in enumerate(nodes):
            self._expression(parent, field, position, node, role, scope)

    def _comprehension(self, node: ast.GeneratorExp | ast.ListComp, scope: Scope) -> None:
        for part in node.generators:
            self._expression(part, "iter", None, part.iter, Role.ITERABLE, scope)
            scope = {**scope, **bindings(part.target, part.iter, scope)}
            self._list(part, "ifs", part.ifs, Role.TEST, scope)
        self._expression(node, "elt", None, node.elt, Role.VALUE, scope)


_POSITIONS = frozenset({Role.INDEX, Role.SLICE, Role.BOUND})


def _right_role(op: ast.operator, left: Role = Role.VALUE) -> Role:
    if isinstance(op, (ast.Div, ast.FloorDiv, ast.Mod)):
        return Role.DIVISOR
    return Role.EXPONENT if isinstance(op, ast.Pow) else left


def _argument_role(call: ast.Call) -> Role:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name == "range":
        return Role.BOUND
    folds = name in {"sum", "max", "min", "any", "all"} and len(call.args) == 1
    iterates = name in {"len", "sorted", "set", "enumerate", "zip", "reversed", "list", "tuple"}
    return Role.ITERABLE if folds or iterates else Role.VALUE


def bindings(target: ast.expr, source: ast.expr, scope: Scope) -> dict[str, Kind]:
    """Return what a loop over `source` binds, with kinds."""
    match target, source:
        case ast.Name(id=name), ast.Call(func=ast.Name(id="range")):
            return {name: Kind.INDEX}
        case ast.Name(id=name), _:
            return {name: element(of_expression(source, scope))}
        case ast.Tuple(elts=[ast.Name(id=position), inner]), ast.Call(
            func=ast.Name(id="enumerate"), args=[items, *_]
        ):
            return {position: Kind.INDEX, **bindings(inner, items, scope)}
        case ast.Tuple(elts=names), ast.Call(func=ast.Name(id="zip"), args=columns):
            bound: dict[str, Kind] = {}
            for name, column in zip(names, columns, strict=False):
                bound.update(bindings(name, column, scope))
            return bound
        case ast.Tuple(elts=names), _:
            return {name.id: Kind.OTHER for name in names if isinstance(name, ast.Name)}
        case _:
            return {}
