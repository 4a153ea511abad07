"""Crossover: code of one program shown, taken over into another."""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence

from funsearch.samplers.syntax.dice import Dice
from funsearch.samplers.syntax.draft import Draft, choose, expression
from funsearch.samplers.syntax.edits import kind_fits
from funsearch.samplers.syntax.grammar import names
from funsearch.samplers.syntax.kinds import ARRAYS, NUMBERS, SEQUENCES, Kind, Scope
from funsearch.samplers.syntax.sites import Role
from funsearch.samplers.syntax.trees import walk


def graft(draft: Draft) -> bool:
    """Put an expression of a mate in the place of one of the same kind."""
    if not draft.mates:
        return False
    dice = draft.grower.dice
    mate = dice.pick(draft.mates)()
    sites = draft.sites()
    site = choose(draft, sites.values() + sites.of_role(Role.TEST))
    if site is None:
        return False
    kind = Kind.BOOL if site.role is Role.TEST else site.kind
    theirs = mate.sites()
    offers = [
        offer
        for offer in theirs.values() + theirs.of_role(Role.TEST)
        if kind_fits(kind, offer.node, offer.scope)
    ]
    offer = choose(draft, offers)
    if offer is None:
        return False
    node = copy.deepcopy(offer.node)
    if not _adapt([node], mate, offer.scope, draft, site.scope):
        return False
    site.put(node)
    return True


def splice(draft: Draft) -> bool:
    """Take over a statement of a mate."""
    if not draft.mates:
        return False
    dice = draft.grower.dice
    mate = dice.pick(draft.mates)()
    offers = [
        gap
        for gap in mate.sites().gaps
        if gap.position < len(gap.block)
        and isinstance(gap.block[gap.position], (ast.AugAssign, ast.For, ast.If, ast.Assign))
    ]
    gaps = [gap for gap, _ in draft.open_gaps()]
    if not offers or not gaps:
        return False
    offer, gap = dice.pick(offers), dice.pick(gaps)
    node = copy.deepcopy(offer.block[offer.position])
    if not _adapt([node], mate, offer.scope, draft, gap.scope):
        return False
    gap.block.insert(gap.position, node)
    return True


def combine(draft: Draft) -> bool:
    """Compute a mate's value too, and return something of both."""
    if not draft.mates or draft.returns not in NUMBERS | ARRAYS:
        return False
    dice = draft.grower.dice
    mate = dice.pick(draft.mates)()
    last, other = draft.last_return(), mate.last_return()
    if last is None or other is None or last.value is None or _returns_early(mate):
        return False
    body = copy.deepcopy(mate.function.body)
    renames = dict(zip(mate.parameters, draft.parameters, strict=False))
    for name in _bound(body):
        if name not in renames:
            renames[name] = draft.grower.new(draft.parameters)
    _rename(body, renames)
    end = body.pop()
    assert isinstance(end, ast.Return)
    assert end.value is not None
    form = dice.pick(("{0} + {1}", "{0} + {1}", "{0} * {1}", "{0} - {1}", "{0} * {small} + {1}"))
    texts = (f"({ast.unparse(last.value)})", f"({ast.unparse(end.value)})")
    last.value = expression(form.format(*texts, small=draft.grower.constant()))
    draft.function.body[-1:-1] = body
    return True


def _returns_early(draft: Draft) -> bool:
    returns = [node for node in walk(draft.function) if isinstance(node, ast.Return)]
    return len(returns) > 1


def _bound(nodes: Sequence[ast.AST]) -> dict[str, None]:
    """Return the names that some code gives values to, in order of the text."""
    return {
        part.id: None
        for node in nodes
        for part in walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }


def _rename(nodes: Sequence[ast.AST], renames: dict[str, str]) -> None:
    for node in nodes:
        for part in walk(node):
            if isinstance(part, ast.Name):
                part.id = renames.get(part.id, part.id)


def _adapt(nodes: Sequence[ast.AST], mate: Draft, theirs: Scope, draft: Draft, ours: Scope) -> bool:
    """Let code of a mate speak of our variables; False if one has no counterpart here."""
    renames = dict(zip(mate.parameters, draft.parameters, strict=False))
    updated = [
        part.target.id
        for node in nodes
        for part in walk(node)
        if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name)
    ]
    bound = {name: None for name in _bound(nodes) if name not in updated}
    local = _bound(mate.function.body)
    for node in nodes:
        for part in walk(node):
            if not isinstance(part, ast.Name) or part.id in renames or part.id in bound:
                continue
            if part.id not in theirs:
                if part.id in local:
                    return False
                continue
            match = _counterpart(part.id, theirs[part.id], draft, ours, draft.grower.dice)
            if match is None:
                return False
            renames[part.id] = match
    for name in bound:
        if name in draft.parameters:
            renames[name] = draft.grower.new(ours)
    _rename(nodes, renames)
    return True


def _counterpart(name: str, kind: Kind, draft: Draft, ours: Scope, dice: Dice) -> str | None:
    """Return the variable of ours for one of a mate: of the same name, or else of its kind."""
    group = next(
        (g for g in ({Kind.INDEX}, NUMBERS, SEQUENCES, ARRAYS) if kind in g), frozenset({kind})
    )
    if name in ours and ours[name] in group:
        return name
    found = [n for n in names(ours, group) if kind is Kind.INDEX or n not in draft.parameters]
    found = found or names(ours, group)
    return dice.pick(found) if found else None
