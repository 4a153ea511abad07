"""Literals of the domains that a signature names: where they stand, and changes to them."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from funsearch.samplers.syntax.cost import operations
from funsearch.samplers.syntax.dice import Dice
from funsearch.samplers.syntax.draft import Draft, expression
from funsearch.samplers.syntax.forms import Form, Group, Leaf, Row
from funsearch.samplers.syntax.tidy import literal
from funsearch.samplers.syntax.trees import walk
from problems.domains import Domain

MOST = 24
"""Literals that a program may have before no more are added."""


def written(node: ast.expr) -> object:
    """Return the number or tuple of numbers that is written out; what else is there, as None."""
    if isinstance(node, ast.Tuple):
        return tuple(literal(part) for part in node.elts)
    return literal(node)


@dataclass(slots=True)
class Single:
    """An expression that stands for a value of a domain.

    Attributes:
        parent: the node that holds it.
        field: under which name.
        position: where in that field, if it is a list.
        node: the expression.
        domain: of its value.
    """

    parent: ast.AST
    field: str
    position: int | None
    node: ast.expr
    domain: Domain

    @property
    def known(self) -> bool:
        """Whether it is written out, and of the domain."""
        return written(self.node) in self.domain

    def put(self, value: object) -> None:
        """Let a value stand here."""
        node = expression(repr(value))
        if self.position is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.position] = node


@dataclass(slots=True)
class Listed:
    """The elements of a list or tuple as written, all of one form."""

    elements: list[ast.expr]
    form: Form


class Literals:
    """What of a function's returned value is written out, through variables too.

    Attributes:
        singles: places of values.
        lists: lists that may be longer or shorter.
    """

    def __init__(self, function: ast.FunctionDef, form: Form | None) -> None:
        self.singles: list[Single] = []
        self.lists: list[Listed] = []
        self._assigned: defaultdict[str, list[ast.Assign]] = defaultdict(list)
        nodes = walk(function) if form else []
        for node in nodes:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)]):
                    self._assigned[name].append(node)
                case _:
                    pass
        for node in nodes:
            if isinstance(node, ast.Return) and node.value is not None:
                self._visit(node, "value", None, node.value, form)

    @property
    def characters(self) -> int:
        """How long they are as text."""
        return sum(len(repr(written(single.node))) for single in self.singles if single.known)

    @property
    def operations(self) -> int:
        """What they add to the cost of a program, as `cost.operations` counts."""
        return sum(operations(single.node) for single in self.singles if single.known)

    def _visit(
        self, parent: ast.AST, field: str, position: int | None, node: ast.expr, form: Form | None
    ) -> None:
        match form, node:
            case None, _:
                pass
            case _, ast.Name(id=name) if name in self._assigned:
                # Taken out, so that a variable that is read twice is not noted twice.
                for source in self._assigned.pop(name):
                    self._visit(source, "value", None, source.value, form)
            case _, ast.IfExp(body=body, orelse=orelse):
                self._visit(node, "body", None, body, form)
                self._visit(node, "orelse", None, orelse, form)
            case Row(), ast.BinOp(left=left, op=ast.Add(), right=right):
                self._visit(node, "left", None, left, form)
                self._visit(node, "right", None, right, form)
            case Row(item=item), ast.List(elts=elements) | ast.Tuple(elts=elements):
                self.lists.append(Listed(elements, item))
                self._visit_all(node, elements, [item] * len(elements))
            case Group(items=items), ast.List(elts=elements) | ast.Tuple(elts=elements):
                self._visit_all(node, elements, items)
            case Leaf(domain=domain), _ if not isinstance(node, ast.Starred):
                self.singles.append(Single(parent, field, position, node, domain))
            case _:
                pass

    def _visit_all(
        self, parent: ast.expr, elements: Sequence[ast.expr], forms: Sequence[Form | None]
    ) -> None:
        for position, (element, form) in enumerate(zip(elements, forms, strict=False)):
            self._visit(parent, "elts", position, element, form)


def draw(draft: Draft) -> bool:
    """Put a fresh literal in the place of one."""
    dice = draft.grower.dice
    singles = Literals(draft.function, draft.form).singles
    if not singles:
        return False
    single = dice.pick(singles)
    single.put(single.domain.draw(dice.below))
    return True


def vary(draft: Draft) -> bool:
    """Change a literal a little."""
    dice = draft.grower.dice
    singles = [one for one in Literals(draft.function, draft.form).singles if one.known]
    if not singles:
        return False
    single = dice.pick(singles)
    single.put(single.domain.vary(written(single.node), dice.below))
    return True


def add(draft: Draft) -> bool:
    """Add an element to a list: a fresh one, or one much like another one there."""
    dice = draft.grower.dice
    listed, room = _list(draft)
    if listed is None or room < 1:
        return False
    like = dice.pick(listed.elements) if listed.elements and dice.chance(0.3) else None
    new = _element(listed.form, dice, like)
    if new is None:
        return False
    listed.elements.insert(dice.below(len(listed.elements) + 1), new)
    return True


def _list(draft: Draft) -> tuple[Listed | None, int]:
    """Return one of the lists, if there is one, and how many literals may still be added."""
    found = Literals(draft.function, draft.form)
    listed = draft.grower.dice.pick(found.lists) if found.lists else None
    return listed, MOST - len(found.singles)


def _element(form: Form | None, dice: Dice, like: ast.expr | None) -> ast.expr | None:
    """Return something of a form, None where a part of it has no domain."""
    match form:
        case Leaf(domain=domain):
            known = written(like) if like is not None else None
            value = domain.vary(known, dice.below) if known in domain else domain.draw(dice.below)
            return expression(repr(value))
        case Row():
            return ast.List([], ast.Load())
        case Group(items=items):
            parts = [_element(item, dice, None) for item in items]
            kept = [part for part in parts if part is not None]
            return ast.Tuple(kept, ast.Load()) if len(kept) == len(parts) else None
        case None:
            return None


def drop(draft: Draft) -> bool:
    """Take an element out of a list."""
    dice = draft.grower.dice
    lists = [one for one in Literals(draft.function, draft.form).lists if one.elements]
    if not lists:
        return False
    elements = dice.pick(lists).elements
    del elements[dice.below(len(elements))]
    return True


def move(draft: Draft) -> bool:
    """Move an element to another place of its list."""
    dice = draft.grower.dice
    lists = [one for one in Literals(draft.function, draft.form).lists if len(one.elements) > 1]
    if not lists:
        return False
    elements = dice.pick(lists).elements
    moved = elements.pop(dice.below(len(elements)))
    elements.insert(dice.below(len(elements) + 1), moved)
    return True


def borrow(draft: Draft) -> bool:
    """Take over an element of a mate's list, or all of them."""
    dice = draft.grower.dice
    listed, room = _list(draft)
    if listed is None or not draft.mates:
        return False
    mate = dice.pick(draft.mates)()
    theirs = [
        one.elements
        for one in Literals(mate.function, mate.form).lists
        if one.form == listed.form and one.elements and _closed(one.elements)
    ]
    if not theirs:
        return False
    elements, own = dice.pick(theirs), listed.elements
    if dice.chance(0.3):
        start, end = 0, len(own)
    else:
        start = end = dice.below(len(own) + 1)
        elements = [dice.pick(elements)]
    if len(elements) - (end - start) > room:
        return False
    own[start:end] = elements
    return True


def _closed(elements: Sequence[ast.expr]) -> bool:
    """Whether these mean the same in any function."""
    return not any(isinstance(part, ast.Name) for one in elements for part in walk(one))
