"""Mutations: small changes to one function."""

from __future__ import annotations

import ast
import copy

from funsearch.samplers.syntax.draft import Draft, choose, expression, statements
from funsearch.samplers.syntax.grammar import names
from funsearch.samplers.syntax.kinds import ARRAYS, NUMBERS, SEQUENCES, Kind, Scope, of_expression
from funsearch.samplers.syntax.sites import Gap, Role, is_constant
from funsearch.samplers.syntax.tidy import literal, number_node
from funsearch.samplers.syntax.trees import walk

_ARITHMETIC: tuple[type[ast.operator], ...] = (ast.Add, ast.Sub, ast.Mult)
_QUOTIENTS: tuple[type[ast.operator], ...] = (ast.Mod, ast.FloorDiv, ast.Div)
_COMPARISONS: tuple[type[ast.cmpop], ...] = (
    ast.Eq, ast.NotEq, ast.Lt, ast.Gt, ast.LtE, ast.GtE,
)  # fmt: skip


def tweak_constant(draft: Draft) -> bool:
    """Change a literal a little, or to another one."""
    dice = draft.grower.dice
    sites = [s for s in draft.sites().expressions if is_constant(s.node)]
    site = choose(draft, sites)
    if site is None:
        return False
    value = literal(site.node)
    if value is None:
        return False
    if dice.chance(0.3):
        new = dice.pick(draft.grower.constants)
    elif dice.chance(0.15):
        new = dice.pick((-value, value * 2))
    else:
        new = _stepped(value, draft)
    if site.role is Role.EXPONENT:
        new = 1 + dice.below(3)
    if site.role in {Role.INDEX, Role.SLICE, Role.BOUND}:
        new = int(new)
    if new == value or (site.role is Role.DIVISOR and new <= 0):
        return False
    site.put(number_node(float(f"{new:.4g}") if isinstance(new, float) else new))
    return True


def _stepped(value: float, draft: Draft) -> float:
    """Return a number some normal step away; an int moves by 1 at least, and stays one."""
    step = draft.grower.dice.normal() * draft.step * max(abs(value), 0.5)
    if isinstance(value, int):
        away = round(min(max(step, -(2.0**31)), 2.0**31))
        return value + (away or (1 if step > 0 else -1))
    return value + step


def change_operator(draft: Draft) -> bool:
    """Swap an operator for another one of its family."""
    dice = draft.grower.dice
    found = [
        node
        for node in walk(draft.function)
        if isinstance(node, (ast.BinOp, ast.AugAssign, ast.BoolOp))
        or (isinstance(node, ast.Compare) and isinstance(node.ops[0], _COMPARISONS))
    ]
    if not found:
        return False
    node = dice.pick(found)
    if isinstance(node, ast.Compare):
        node.ops[0] = dice.pick([op for op in _COMPARISONS if not isinstance(node.ops[0], op)])()
        return True
    if isinstance(node, ast.BoolOp):
        node.op = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        return True
    family = _ARITHMETIC if isinstance(node.op, _ARITHMETIC) else _QUOTIENTS
    others = [op for op in family if not isinstance(node.op, op)]
    right = literal(node.right if isinstance(node, ast.BinOp) else node.value)
    if family is _ARITHMETIC and right is not None and right > 1 and dice.chance(0.3):
        others = [ast.Mod]
    elif family is _QUOTIENTS and dice.chance(0.3):
        others = list(_ARITHMETIC)
    if isinstance(node.op, ast.Pow) or not others:
        return False
    node.op = dice.pick(others)()
    return True


def change_name(draft: Draft) -> bool:
    """Let another variable of the same kind be read."""
    sites = [s for s in draft.sites().expressions if isinstance(s.node, ast.Name)]
    site = choose(draft, sites)
    if site is None or not isinstance(site.node, ast.Name):
        return False
    groups = ({Kind.INDEX}, SEQUENCES, ARRAYS, {Kind.BOOL}) if site.role is not Role.VALUE else ()
    kinds = next((group for group in (*groups, NUMBERS) if site.kind in group), {site.kind})
    if site.role in {Role.INDEX, Role.SLICE, Role.BOUND}:
        kinds = {Kind.INDEX} if site.role is Role.INDEX else {Kind.INDEX, Kind.INT}
    others = [name for name in names(site.scope, kinds) if name != site.node.id]
    if not others or site.role is Role.EXPONENT:
        return False
    site.put(ast.Name(draft.grower.dice.pick(others), ast.Load()))
    return True


def change_index(draft: Draft) -> bool:
    """Take another element."""
    sites = draft.sites().of_role(Role.INDEX)
    site = choose(draft, [site for site in sites if isinstance(site.parent, ast.Subscript)])
    if site is None or site.kind not in NUMBERS:
        return False
    site.put(expression(draft.grower.index(site.scope)))
    return True


def change_source(draft: Draft) -> bool:
    """Walk something else: another range, or another part of a sequence."""
    sites = draft.sites()
    bounds = [site for site in sites.of_role(Role.BOUND) if isinstance(site.parent, ast.Call)]
    walked = [s for s in sites.of_role(Role.ITERABLE) if s.kind in SEQUENCES]
    site = choose(draft, bounds + walked)
    if site is None:
        return False
    grower = draft.grower
    text = grower.bound(site.scope) if site.role is Role.BOUND else grower.iterable(site.scope)
    if text is None:
        return False
    site.put(expression(text))
    return True


def regrow(draft: Draft) -> bool:
    """Put new code in the place of an expression."""
    sites = draft.sites()
    site = choose(draft, sites.values() + sites.of_role(Role.TEST))
    if site is None:
        return False
    depth = draft.grower.dice.below(3)
    kind = Kind.BOOL if site.role is Role.TEST else site.kind
    site.put(expression(draft.grower.of_kind(kind, site.scope, depth)))
    return True


def wrap(draft: Draft) -> bool:
    """Make an expression part of a larger one."""
    dice, grower = draft.grower.dice, draft.grower
    sites = draft.sites()
    site = choose(draft, sites.values() + sites.of_role(Role.TEST))
    if site is None:
        return False
    old, scope, depth = f"({ast.unparse(site.node)})", site.scope, dice.below(2)
    if site.role is Role.TEST:
        op = dice.pick(("and", "or"))
        text = f"not {old}" if dice.chance(0.2) else f"{old} {op} {grower.condition(scope, depth)}"
    elif site.kind in ARRAYS:
        other = dice.pick((grower.array, grower.number))(scope, depth)
        form = dice.pick(("{0} + {1}", "{0} * {1}", "{0} - {1}", "np.abs({0})", "np.square({0})"))
        text = form.format(old, other)
    else:
        form = dice.pick(_WRAPS)
        text = form.format(
            old,
            grower.number(scope, depth),
            grower.divisor(scope, 0),
            test=grower.condition(scope, depth),
            small=grower.constant(),
        )
    site.put(expression(text))
    return True


_WRAPS = (
    "{0} + {1}", "{0} + {1}", "{0} - {1}", "{1} - {0}", "{0} * {1}", "{0} * {1}",
    "{0} % {2}", "{0} % {2}", "{0} // {2}", "{0} ** 2", "abs({0})",
    "{0} * {small} + {1}", "{0} if {test} else {1}", "({0} + {small}) % {2}",
)  # fmt: skip


def hoist(draft: Draft) -> bool:
    """Let a part of an expression stand for the whole."""
    sites = [s for s in draft.sites().values() if not is_constant(s.node)]
    site = choose(draft, sites)
    if site is None or not isinstance(site.node, (ast.BinOp, ast.IfExp, ast.Call)):
        return False
    match site.node:
        case ast.BinOp(left=left, right=right):
            parts = [left, right]
        case ast.IfExp(body=body, orelse=orelse):
            parts = [body, orelse]
        case ast.Call(args=arguments):
            bare = (ast.GeneratorExp, ast.Starred, ast.ListComp)
            parts = [a for a in arguments if not isinstance(a, bare)]
    parts = [part for part in parts if kind_fits(site.kind, part, site.scope)]
    if not parts:
        return False
    site.put(draft.grower.dice.pick(parts))
    return True


def kind_fits(kind: Kind, node: ast.expr, scope: Scope) -> bool:
    """Whether an expression may stand where a value of a kind is wanted."""
    found = of_expression(node, scope)
    return found is kind or (found in NUMBERS and kind in NUMBERS)


def swap_operands(draft: Draft) -> bool:
    """Exchange the sides of an operator that is not symmetric."""
    found = [
        node
        for node in walk(draft.function)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)
    ]
    if not found:
        return False
    node = draft.grower.dice.pick(found)
    node.left, node.right = node.right, node.left
    return True


def add_term(draft: Draft) -> bool:
    """Add to what is returned, or multiply it."""
    last, dice = draft.last_return(), draft.grower.dice
    if last is None or last.value is None or draft.returns not in NUMBERS | ARRAYS:
        return False
    term = draft.grower.of_kind(draft.returns, _top_scope(draft), 2)
    form = dice.pick(("{0} + {1}", "{0} + {1}", "{0} - {1}", "{0} * {1}", "{0} * {small} + {1}"))
    small = draft.grower.constant()
    last.value = expression(form.format(f"({ast.unparse(last.value)})", term, small=small))
    return True


def _top_scope(draft: Draft) -> dict[str, Kind]:
    gap = next(
        gap
        for gap in draft.sites().gaps
        if gap.block is draft.function.body and gap.position == len(gap.block) - 1
    )
    return dict(gap.scope)


def unfold(draft: Draft) -> bool:
    """Give what is returned a name, and a statement that changes it."""
    last, grower = draft.last_return(), draft.grower
    if last is None or last.value is None or draft.returns not in NUMBERS | ARRAYS:
        return False
    scope = _top_scope(draft)
    if isinstance(last.value, ast.Name) and last.value.id in draft.assigned():
        return False
    name = grower.new(scope)
    inner = {**scope, name: draft.returns}
    text = f"{name} = {ast.unparse(last.value)}\n{grower.statement(inner, name, 2)}\nreturn {name}"
    draft.function.body[-1:] = statements(text)
    return True


def insert_statement(draft: Draft) -> bool:
    """Change a variable once more, somewhere."""
    dice = draft.grower.dice
    gaps = draft.open_gaps()
    if not gaps:
        return unfold(draft)
    gap, targets = dice.pick(gaps)
    target = dice.pick(targets)
    text = draft.grower.statement(gap.scope, target, dice.below(3))
    gap.block[gap.position : gap.position] = statements(text)
    return True


def insert_return(draft: Draft) -> bool:
    """Return early under a condition."""
    dice, grower = draft.grower.dice, draft.grower
    if draft.returns not in NUMBERS:
        return False
    gap = dice.pick(draft.sites().gaps)
    value = grower.number(gap.scope, dice.below(3))
    text = f"if {grower.condition(gap.scope, 1)}:\n    return {value}"
    gap.block[gap.position : gap.position] = statements(text)
    return True


def _movable(draft: Draft, kinds: tuple[type[ast.stmt], ...]) -> Gap | None:
    """Return the gap before a statement that may be wrapped or dropped, or None.

    What gives a variable its first value may not, whatever its kind.
    """
    gaps = [
        gap
        for gap in draft.sites().gaps
        if gap.position < len(gap.block)
        and isinstance(gap.block[gap.position], kinds)
        and not _binds_first(gap)
    ]
    return draft.grower.dice.pick(gaps) if gaps else None


def _binds_first(gap: Gap) -> bool:
    match gap.block[gap.position]:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name not in gap.scope
        case ast.Assign():
            return True
        case _:
            return False


_MOVABLE = (ast.AugAssign, ast.Assign, ast.For, ast.If)


def delete_statement(draft: Draft) -> bool:
    """Drop a statement."""
    gap = _movable(draft, _MOVABLE)
    if gap is None:
        return False
    del gap.block[gap.position]
    if not gap.block:
        gap.block.append(ast.Pass())
    return True


def unwrap_statement(draft: Draft) -> bool:
    """Run what is under a condition always."""
    gap = _movable(draft, (ast.If,))
    if gap is None:
        return False
    node = gap.block[gap.position]
    assert isinstance(node, ast.If)
    gap.block[gap.position : gap.position + 1] = node.body
    return True


def guard_statement(draft: Draft) -> bool:
    """Run a statement under a condition only."""
    gap = _movable(draft, _MOVABLE)
    if gap is None:
        return False
    test = expression(draft.grower.condition(gap.scope, 1))
    gap.block[gap.position] = ast.If(test, [gap.block[gap.position]], [])
    return True


def repeat_statement(draft: Draft) -> bool:
    """Run a statement in a loop."""
    gap = _movable(draft, _MOVABLE)
    loop = draft.grower.loop(gap.scope) if gap else None
    if gap is None or loop is None:
        return False
    made = statements(f"for {loop[0]}:\n    pass")[0]
    assert isinstance(made, ast.For)
    made.body = [gap.block[gap.position]]
    gap.block[gap.position] = made
    return True


def double_statement(draft: Draft) -> bool:
    """Repeat a statement right after itself, and change something to tell the two apart."""
    gap = _movable(draft, _MOVABLE)
    if gap is None:
        return False
    gap.block.insert(gap.position, copy.deepcopy(gap.block[gap.position]))
    return tweak_constant(draft) or change_operator(draft) or regrow(draft)


def start_afresh(draft: Draft) -> bool:
    """Write the whole function anew."""
    if draft.returns not in NUMBERS | {Kind.ARRAY, Kind.BOOL}:
        return False
    draft.function.body = statements(draft.grower.body(draft.parameters, draft.returns))
    return True
