"""Literals of the domains that a signature names: where they stand, and changes to them."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from funsearch.samplers.syntax.cost import operations
from funsearch.samplers.syntax.dice import Dice
from funsearch.samplers.syntax.draft import Draft
from funsearch.samplers.syntax.forms import Form, Group, Leaf, Row
from funsearch.samplers.syntax.tidy import literal, number_node
from funsearch.samplers.syntax.trees import walk
from problems.domains import Domain

MOST = 24
"""Literals that a program may have; beyond, the last ones of its longest list go."""
_ALIKE = 0.15
"""How often a new element is much like one that is there."""
_WHOLE = 0.15
"""How often all elements of a mate's list are taken over, and not one."""
_FEW = 4
"""Most elements of a list that is started afresh."""


def written(node: ast.expr) -> object:
    """Return the number or tuple of numbers that is written out; what else is there, as None."""
    if isinstance(node, ast.Tuple):
        return tuple(literal(part) for part in node.elts)
    return _folded(node) or literal(node)


def _folded(node: ast.expr) -> tuple[int, ...] | None:
    """Return the tuple for which a node stands alone; no parser makes such a node."""
    value: object = node.value if isinstance(node, ast.Constant) else None
    return cast("tuple[int, ...]", value) if isinstance(value, tuple) else None


def _opaque(value: int | tuple[int, ...]) -> ast.expr:
    """Return a node for a value of a domain: a tuple is one node, which makes trees small."""
    return number_node(value) if isinstance(value, int) else ast.Constant(cast("Any", value))


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

    def put(self, value: Any) -> None:
        """Let a value of the domain stand here."""
        self._set(_opaque(value))

    def _set(self, node: ast.expr) -> None:
        self.node = node
        if self.position is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.position] = node

    def spell(self) -> None:
        """Let a tuple be written out as Python's parser would give it."""
        entries = _folded(self.node)
        if entries is not None:
            self._set(ast.Tuple([number_node(entry) for entry in entries], ast.Load()))


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

    def fold(self) -> None:
        """Let each value that is written out be one node, until `spell`."""
        for single in self.singles:
            if single.known:
                single.put(written(single.node))

    def spell(self) -> None:
        """Let all values be written out again."""
        for single in self.singles:
            single.spell()

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


def _singles(draft: Draft, kind: Form) -> list[Single]:
    found = Literals(draft.function, draft.form).singles
    return [single for single in found if Leaf(single.domain) == kind]


def _lists(draft: Draft, kind: Form) -> list[Listed]:
    found = Literals(draft.function, draft.form).lists
    return [listed for listed in found if listed.form == kind]


def draw(draft: Draft, kind: Form) -> bool:
    """Put a fresh literal in the place of one."""
    dice = draft.grower.dice
    singles = _singles(draft, kind)
    if not singles:
        return False
    single = dice.pick(singles)
    single.put(single.domain.draw(dice.below))
    return True


def vary(draft: Draft, kind: Form) -> bool:
    """Change a literal a little."""
    dice = draft.grower.dice
    singles = [single for single in _singles(draft, kind) if single.known]
    if not singles:
        return False
    single = dice.pick(singles)
    single.put(single.domain.vary(written(single.node), dice.below))
    return True


def add(draft: Draft, kind: Form) -> bool:
    """Insert into a list, near the front, an element: a fresh one, or one much like another."""
    dice = draft.grower.dice
    lists = _lists(draft, kind)
    if not lists:
        return False
    elements = dice.pick(lists).elements
    like = dice.pick(elements) if elements and dice.chance(_ALIKE) else None
    new = _element(kind, dice, like)
    if new is None:
        return False
    elements.insert(_near_front(dice, len(elements)), new)
    return _fits(draft)


def _near_front(dice: Dice, last: int) -> int:
    """Return a place from 0 to the last one, each half as likely as the one before."""
    place = 0
    while dice.chance(0.5):
        place += 1
    return place if place <= last else dice.below(last + 1)


def _fits(draft: Draft) -> bool:
    """Whether there are not too many literals; the last of the longest list goes if there are."""
    found = Literals(draft.function, draft.form)
    while len(found.singles) > MOST:
        longest = max(found.lists, key=lambda listed: len(listed.elements)).elements
        if not longest:
            return False
        longest.pop()
        found = Literals(draft.function, draft.form)
    return True


def _element(form: Form | None, dice: Dice, like: ast.expr | None) -> ast.expr | None:
    """Return something of a form, None where a part of it has no domain."""
    match form:
        case Leaf(domain=domain):
            known = written(like) if like is not None else None
            return _opaque(
                domain.vary(known, dice.below) if known in domain else domain.draw(dice.below)
            )
        case Row():
            return ast.List([], ast.Load())
        case Group(items=items):
            parts = [_element(item, dice, None) for item in items]
            kept = [part for part in parts if part is not None]
            return ast.Tuple(kept, ast.Load()) if len(kept) == len(parts) else None
        case None:
            return None


def drop(draft: Draft, kind: Form) -> bool:
    """Take an element out of a list."""
    dice = draft.grower.dice
    lists = [listed for listed in _lists(draft, kind) if listed.elements]
    if not lists:
        return False
    elements = dice.pick(lists).elements
    del elements[dice.below(len(elements))]
    return True


def shorten(draft: Draft, kind: Form) -> bool:
    """Take all elements from some place on out of a list."""
    dice = draft.grower.dice
    lists = [listed for listed in _lists(draft, kind) if listed.elements]
    if not lists:
        return False
    elements = dice.pick(lists).elements
    del elements[dice.below(len(elements)) :]
    return True


def move(draft: Draft, kind: Form) -> bool:
    """Move an element to another place of its list, near the front."""
    dice = draft.grower.dice
    lists = [listed for listed in _lists(draft, kind) if len(listed.elements) > 1]
    if not lists:
        return False
    elements = dice.pick(lists).elements
    moved = elements.pop(dice.below(len(elements)))
    elements.insert(_near_front(dice, len(elements)), moved)
    return True


def borrow(draft: Draft, kind: Form) -> bool:
    """Take over an element of a mate's list, or all of them."""
    dice = draft.grower.dice
    lists = _lists(draft, kind)
    if not lists or not draft.mates:
        return False
    mate = dice.pick(draft.mates)()
    theirs = [
        listed.elements
        for listed in _lists(mate, kind)
        if listed.elements and _closed(listed.elements)
    ]
    if not theirs:
        return False
    elements, own = dice.pick(theirs), dice.pick(lists).elements
    if dice.chance(_WHOLE):
        own[:] = elements
    else:
        own.insert(_near_front(dice, len(own)), dice.pick(elements))
    return _fits(draft)


def renew(draft: Draft, kind: Form) -> bool:
    """Start a list afresh: a few new elements."""
    dice = draft.grower.dice
    lists = _lists(draft, kind)
    if not lists:
        return False
    made = [_element(kind, dice, None) for _ in range(1 + dice.below(_FEW))]
    dice.pick(lists).elements[:] = [element for element in made if element is not None]
    return _fits(draft)


def _closed(elements: Sequence[ast.expr]) -> bool:
    """Whether these mean the same in any function."""
    return not any(isinstance(part, ast.Name) for one in elements for part in walk(one))
