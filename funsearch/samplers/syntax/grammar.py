"""The rules of the grammar that random code follows, each a line of a table with its weight.

A rule gets the grower, the variables in scope and how deep it may nest; one that does not apply
returns None, and another is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from funsearch.samplers.syntax.dice import Table
from funsearch.samplers.syntax.kinds import NUMBERS, SEQUENCES, Kind, Scope

if TYPE_CHECKING:
    from funsearch.samplers.syntax.grow import Grower

Rule = Callable[["Grower", Scope, int], "str | None"]
Rules = Table[Rule]
Loop = tuple[str, dict[str, Kind]]
"""`target in source`, and what it binds."""

POSITIONS, ITEMS = "ijkpq", "xyzuw"


def names(scope: Scope, kinds: Collection[Kind]) -> list[str]:
    """Return the variables of some kinds."""
    return [name for name, kind in scope.items() if kind in kinds]


def _constant(grower: Grower, scope: Scope, depth: int) -> str | None:
    del scope, depth
    return grower.constant()


def _variable(grower: Grower, scope: Scope, depth: int) -> str | None:
    del depth
    found = names(scope, NUMBERS)
    return grower.dice.pick(found) if found else None


def _element(grower: Grower, scope: Scope, depth: int) -> str | None:
    del depth
    found = names(scope, SEQUENCES)
    # Outside loops an element is one fixed element; folds over all of them pay more often.
    if not found or (Kind.INDEX not in scope.values() and grower.dice.chance(0.6)):
        return None
    return f"{grower.dice.pick(found)}[{grower.index(scope)}]"


def _arithmetic(grower: Grower, scope: Scope, depth: int) -> str | None:
    op = grower.dice.pick("+++--***")
    return f"({grower.number(scope, depth - 1)} {op} {grower.number(scope, depth - 1)})"


def _remainder(grower: Grower, scope: Scope, depth: int) -> str | None:
    op = grower.dice.pick(("%", "%", "%", "//", "/"))
    return f"({grower.number(scope, depth - 1)} {op} {grower.divisor(scope, depth - 1)})"


def _power(grower: Grower, scope: Scope, depth: int) -> str | None:
    positions = names(scope, {Kind.INDEX})
    if positions and grower.dice.chance(0.6):
        return f"({grower.dice.pick(grower.moduli)} ** {grower.dice.pick(positions)})"
    return f"({grower.number(scope, depth - 1)} ** {grower.dice.pick((2, 2, 3))})"


def _call(grower: Grower, scope: Scope, depth: int) -> str | None:
    first, second = grower.number(scope, depth - 1), grower.number(scope, 0)
    form = grower.dice.pick(("abs({0})", "max({0}, {1})", "min({0}, {1})", "abs({0} - {1})"))
    return form.format(first, second)


def _smooth(grower: Grower, scope: Scope, depth: int) -> str | None:
    if not grower.smooth:
        return None
    forms = ("math.sqrt(abs({}))", "math.log1p(abs({}))", "math.exp(-abs({}))", "math.sin({})")
    return grower.dice.pick((*forms, "math.cos({})")).format(grower.number(scope, depth - 1))


def _whole(grower: Grower, scope: Scope, depth: int) -> str | None:
    del depth
    found = names(scope, SEQUENCES)
    if not found:
        return None
    source = grower.dice.pick(found) if grower.dice.chance(0.5) else grower.iterable(scope)
    return grower.dice.pick(_WHOLES).format(source, small=grower.constant())


def _reduction(grower: Grower, scope: Scope, depth: int) -> str | None:
    del depth
    found = names(scope, {Kind.ARRAY})
    forms = ("np.max({})", "np.min({})", "np.mean({})", "np.sum({})", "len({})")
    return grower.dice.pick(forms).format(grower.dice.pick(found)) if found else None


def _fold(grower: Grower, scope: Scope, depth: int) -> str | None:
    loop = grower.loop(scope)
    if loop is None:
        return None
    inner = {**scope, **loop[1]}
    text = f"{grower.number(inner, depth - 1)} for {loop[0]}"
    if grower.dice.chance(0.3):
        text += f" if {grower.condition(inner, 0)}"
    return f"sum(({text}))"


def _choice(grower: Grower, scope: Scope, depth: int) -> str | None:
    test = grower.condition(scope, depth - 1)
    return f"({grower.number(scope, depth - 1)} if {test} else {grower.number(scope, depth - 1)})"


NUMBER_RULES: Rules = Table(
    [
        (1.0, _constant),
        (2.0, _variable),
        (4.0, _element),
        (5.0, _arithmetic),
        (2.0, _remainder),
        (1.0, _power),
        (0.7, _call),
        (0.7, _smooth),
        (1.5, _whole),
        (1.0, _reduction),
        (2.5, _fold),
        (0.7, _choice),
    ]
)
LEAVES: Rules = Table(
    [(1.5, _constant), (3.0, _variable), (4.0, _element), (1.0, _whole), (0.5, _reduction)]
)
_WHOLES = (
    "sum({})",
    "max({})",
    "min({})",
    "len(set({}))",
    "{}.count({small})",
    "{}.count({small})",
)
VIEWS = Table(
    [
        (5.0, "{}"),
        (1.0, "{}[1:]"),
        (1.0, "{}[:-1]"),
        (0.7, "{}[::-1]"),
        (0.7, "{}[::2]"),
        (0.3, "{}[1::2]"),
        (0.7, "{}[:{cut}]"),
        (0.7, "{}[{cut}:]"),
        (0.5, "sorted({})"),
    ]
)
UPDATES = Table(
    [
        (6.0, "{0} += {1}"),
        (2.0, "{0} -= {1}"),
        (1.5, "{0} *= {1}"),
        (0.5, "{0} = {1}"),
        (0.7, "{0} = {0} * {small} + {1}"),
        (1.5, "{0} = ({0} + {1}) % {modulus}"),
        (0.3, "{0} = max({0}, {1})"),
        (0.3, "{0} = min({0}, {1})"),
    ]
)
COMPARISONS = ("==", "==", "!=", "<", ">", "<=", ">=")


def _compare(grower: Grower, scope: Scope, depth: int) -> str | None:
    right = grower.constant() if grower.dice.chance(0.5) else grower.number(scope, 0)
    return f"{grower.number(scope, depth)} {grower.dice.pick(COMPARISONS)} {right}"


def _divisible(grower: Grower, scope: Scope, depth: int) -> str | None:
    modulus = grower.dice.pick(grower.moduli)
    return f"{grower.number(scope, depth)} % {modulus} == {grower.dice.below(modulus)}"


def _among(grower: Grower, scope: Scope, depth: int) -> str | None:
    del depth
    source = grower.iterable(scope)
    return f"{grower.number(scope, 0)} in {source}" if source else None


def _both(grower: Grower, scope: Scope, depth: int) -> str | None:
    if depth <= 0:
        return None
    op = grower.dice.pick(("and", "or"))
    return f"({grower.condition(scope, depth - 1)} {op} {grower.condition(scope, depth - 1)})"


CONDITIONS: Rules = Table([(5.0, _compare), (1.5, _divisible), (0.5, _among), (1.0, _both)])


def _position(grower: Grower, scope: Scope, depth: int) -> str | None:
    del depth
    found = names(scope, {Kind.INDEX})
    return grower.dice.pick(found) if found else None


def _shifted(grower: Grower, scope: Scope, depth: int) -> str | None:
    position = _position(grower, scope, depth)
    forms = ("{} - 1", "{} - 2", "-1 - {}", "-{}", "{} // 2", "-2 - {}")
    return grower.dice.pick(forms).format(position) if position else None


def _wrapped(grower: Grower, scope: Scope, depth: int) -> str | None:
    position, found = _position(grower, scope, depth), names(scope, SEQUENCES)
    if not position or not found:
        return None
    form = grower.dice.pick(("({0} + {1})", "({0} + {1})", "({0} * {1})", "({0} * {1} + 1)"))
    return f"{form.format(position, 1 + grower.dice.below(4))} % len({grower.dice.pick(found)})"


def _fixed(grower: Grower, scope: Scope, depth: int) -> str | None:
    del scope, depth
    place = 0
    while place < 7 and grower.dice.chance(0.7):
        place += 1
    return str(place if grower.dice.chance(0.5) else -1 - place)


INDICES: Rules = Table([(6.0, _position), (2.0, _shifted), (1.5, _wrapped), (1.0, _fixed)])


def _over_positions(grower: Grower, scope: Scope) -> Loop | None:
    end = grower.bound(scope)
    name = grower.new(scope, POSITIONS)
    return (f"{name} in range({end})", {name: Kind.INDEX}) if end else None


def _over_items(grower: Grower, scope: Scope) -> Loop | None:
    source = grower.iterable(scope)
    name = grower.new(scope, ITEMS)
    return (f"{name} in {source}", {name: Kind.INT}) if source else None


def _over_both(grower: Grower, scope: Scope) -> Loop | None:
    source = grower.iterable(scope)
    place, item = grower.new(scope, POSITIONS), grower.new(scope, ITEMS)
    bound = {place: Kind.INDEX, item: Kind.INT}
    return (f"{place}, {item} in enumerate({source})", bound) if source else None


def _over_pairs(grower: Grower, scope: Scope) -> Loop | None:
    first, second = grower.iterable(scope), grower.iterable(scope)
    left, right = grower.new(scope, ITEMS), grower.new(scope, ITEMS)
    bound = {left: Kind.INT, right: Kind.INT}
    return (f"{left}, {right} in zip({first}, {second})", bound) if first and second else None


LOOPS: Table[Callable[[Grower, Scope], Loop | None]] = Table(
    [(4.0, _over_positions), (1.5, _over_items), (2.0, _over_both), (1.5, _over_pairs)]
)


def _array_variable(grower: Grower, scope: Scope, depth: int) -> str | None:
    del depth
    found = names(scope, {Kind.ARRAY})
    return grower.dice.pick(found) if found else None


def _array_arithmetic(grower: Grower, scope: Scope, depth: int) -> str | None:
    left, op = grower.array(scope, depth - 1), grower.dice.pick("+-*")
    right = grower.dice.pick((grower.array, grower.number))(scope, depth - 1)
    return f"({left} {op} {right})" if grower.dice.chance(0.7) else f"({right} {op} {left})"


def _array_quotient(grower: Grower, scope: Scope, depth: int) -> str | None:
    left = grower.dice.pick((grower.array, grower.number))(scope, depth - 1)
    return f"({left} / (np.abs({grower.array(scope, depth - 1)}) + 1))"


def _array_call(grower: Grower, scope: Scope, depth: int) -> str | None:
    form = grower.dice.pick(_ARRAY_CALLS)
    return form.format(grower.array(scope, depth - 1), grower.number(scope, 0))


def _array_where(grower: Grower, scope: Scope, depth: int) -> str | None:
    other = grower.dice.pick((grower.array, grower.number))(scope, depth - 1)
    return f"np.where({grower.mask(scope, 1)}, {grower.array(scope, depth - 1)}, {other})"


_ARRAY_CALLS = (
    "np.abs({0})",
    "np.sqrt(np.abs({0}))",
    "np.log1p(np.abs({0}))",
    "np.exp(-np.abs({0}))",
    "np.square({0})",
    "np.maximum({0}, {1})",
    "np.minimum({0}, {1})",
)
ARRAY_LEAVES: Rules = Table([(1.0, _array_variable)])
ARRAY_RULES: Rules = Table(
    [
        (2.0, _array_variable),
        (5.0, _array_arithmetic),
        (1.0, _array_quotient),
        (2.0, _array_call),
        (1.0, _array_where),
    ]
)
