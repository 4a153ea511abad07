"""A small grammar: random expressions and statements, as text, over the variables in scope.

Each rule is a line of a table with its weight; a rule that does not apply returns None and
another is asked.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Collection, Sequence
from textwrap import indent

from funsearch.samplers.syntax.dice import Dice, Table
from funsearch.samplers.syntax.kinds import ARRAYS, NUMBERS, SEQUENCES, Kind, Scope

Rule = Callable[["Grower", Scope, int], "str | None"]
Rules = Table[Rule]

WHOLE_CONSTANTS: tuple[int | float, ...] = (0, 1, 1, 1, 2, 2, 2, 3, 3, -1, 4, 10)
REAL_CONSTANTS: tuple[int | float, ...] = (0, 1, 1, 2, 2, 3, -1, 4, 0.5, 0.1, 10, 100)
_POSITIONS, _ITEMS = "ijkpq", "xyzuw"
_RESULTS = ("score", "total", "bonus", "weight", "a", "b", "c", "d", "e")
_TRIES = 8


class Grower:
    """Writes random code.

    Args:
        dice: where the randomness comes from.
        constants: numbers that literals are drawn from.
        taken: names that new variables must not have.
        smooth: whether roots, logarithms and the like make sense.
    """

    def __init__(
        self,
        dice: Dice,
        constants: Sequence[int | float],
        taken: Collection[str],
        *,
        smooth: bool = False,
    ) -> None:
        self.dice = dice
        self.constants = constants
        self.moduli = [c for c in constants if isinstance(c, int) and 2 <= c <= 12] or [2]
        self.taken = set(taken)
        self.smooth = smooth

    def number(self, scope: Scope, depth: int) -> str:
        """Return an expression whose value is a number."""
        return self._grow(_NUMBERS if depth > 0 else _LEAVES, scope, depth) or self.constant()

    def condition(self, scope: Scope, depth: int) -> str:
        """Return an expression to test."""
        return self._grow(_CONDITIONS, scope, depth) or "True"

    def index(self, scope: Scope) -> str:
        """Return the position of an element; the length of the sequence is not known."""
        return self._grow(_INDICES, scope, 0) or "0"

    def array(self, scope: Scope, depth: int) -> str:
        """Return an expression whose value is an array of the shape of one in scope."""
        return self._grow(_ARRAYS if depth > 0 else _ARRAY_LEAVES, scope, depth) or "0.0"

    def mask(self, scope: Scope, depth: int) -> str:
        """Return an expression whose value is an array of bools."""
        left = self.array(scope, depth - 1)
        right = self.number(scope, 0) if self.dice.chance(0.7) else self.array(scope, 0)
        return f"({left} {self.dice.pick(_COMPARISONS)} {right})"

    def of_kind(self, kind: Kind, scope: Scope, depth: int) -> str:
        """Return an expression of a kind: a number, an array, a mask or a test."""
        if kind is Kind.ARRAY:
            return self.array(scope, depth)
        if kind is Kind.MASK:
            return self.mask(scope, depth)
        return self.condition(scope, depth) if kind is Kind.BOOL else self.number(scope, depth)

    def constant(self) -> str:
        """Return a literal."""
        return repr(self.dice.pick(self.constants))

    def divisor(self, scope: Scope, depth: int) -> str:
        """Return an expression that is hardly ever 0."""
        roll = self.dice.below(10)
        sizes = [*names(scope, {Kind.INT}), *(f"len({s})" for s in names(scope, SEQUENCES))]
        if roll == 0 and sizes:
            return self.dice.pick(sizes)
        if roll <= 1:
            return f"(abs({self.number(scope, depth - 1)}) + 1)"
        return str(self.dice.pick(self.moduli))

    def iterable(self, scope: Scope) -> str | None:
        """Return something to loop over that yields elements; None without a sequence."""
        sequences = names(scope, SEQUENCES)
        return self.dice.weigh(_VIEWS).format(self.dice.pick(sequences)) if sequences else None

    def bound(self, scope: Scope) -> str | None:
        """Return the end of a range; None where nothing in scope counts anything."""
        sequences = names(scope, SEQUENCES | ARRAYS)
        counts = names(scope, {Kind.INT}) if not sequences or self.dice.chance(0.3) else []
        positions = names(scope, {Kind.INDEX})
        if positions and self.dice.chance(0.5):
            return self.dice.pick(positions)
        options = counts or [f"len({name})" for name in sequences]
        if not options:
            return None
        end = self.dice.pick(options)
        return f"{end} - 1" if self.dice.chance(0.15) else end

    def loop(self, scope: Scope) -> tuple[str, dict[str, Kind]] | None:
        """Return `target in source` of a loop and what it binds; None if nothing can be walked."""
        for _ in range(_TRIES):
            made = self.dice.weigh(_LOOPS)(self, scope)
            if made is not None:
                return made
        return None

    def new(self, scope: Scope, choices: Sequence[str] = _RESULTS) -> str:
        """Return a name that nothing has; it is taken from now on."""
        number = 0
        while True:
            for choice in choices:
                name = f"{choice}{number or ''}"
                if name not in self.taken and name not in scope and not keyword.iskeyword(name):
                    self.taken.add(name)
                    return name
            number += 1

    def update(self, scope: Scope, target: str, depth: int) -> str:
        """Return a statement that changes a variable."""
        if scope.get(target) in ARRAYS:
            return f"{target} = {target} {self.dice.pick('+-*')} {self.array(scope, depth)}"
        form = self.dice.weigh(_UPDATES)
        number = self.number(scope, depth)
        return form.format(target, number, modulus=self.divisor(scope, 0), small=self.constant())

    def statement(self, scope: Scope, target: str, depth: int) -> str:
        """Return a statement that does something to a variable."""
        form = self.dice.below(10) if depth > 0 else 0
        if form >= 6:
            loop = self.loop(scope)
            if loop is not None:
                inner = self.statement({**scope, **loop[1]}, target, depth - 1)
                return f"for {loop[0]}:\n{indent(inner, '    ')}"
        if form >= 3 and scope.get(target) not in ARRAYS:
            inner = indent(self.statement(scope, target, depth - 1), "    ")
            text = f"if {self.condition(scope, 1)}:\n{inner}"
            if self.dice.chance(0.25):
                other = indent(self.update(scope, target, 1), "    ")
                text += f"\nelse:\n{other}"
            return text
        return self.update(scope, target, 1 + self.dice.below(2))

    def body(self, scope: Scope, kind: Kind) -> str:
        """Return the body of a function that returns a value of a kind."""
        if self.dice.chance(0.3):
            return f"return {self.of_kind(kind, scope, 3)}"
        target = self.new(scope)
        start = self.array(scope, 1) if kind is Kind.ARRAY else self.dice.pick(("0", "0", "1"))
        inner = {**scope, target: kind if kind is Kind.ARRAY else Kind.FLOAT}
        count = 1 + self.dice.below(2)
        lines = [f"{target} = {start}", *(self.statement(inner, target, 2) for _ in range(count))]
        end = target
        if kind is Kind.BOOL:
            end = f"{target} > {self.constant()}"
        elif kind in NUMBERS and self.dice.chance(0.3):
            end = f"{target} % {self.divisor(scope, 0)}"
        return "\n".join([*lines, f"return {end}"])

    def _grow(self, rules: Rules, scope: Scope, depth: int) -> str | None:
        for _ in range(_TRIES):
            text = self.dice.weigh(rules)(self, scope, depth)
            if text is not None:
                return text
        return None


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
    form = grower.dice.pick(_WHOLES)
    return form.format(grower.dice.pick(found), small=grower.dice.pick(grower.constants))


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


_NUMBERS: Rules = Table(
    [
        (1.0, _constant),
        (2.0, _variable),
        (4.0, _element),
        (5.0, _arithmetic),
        (2.0, _remainder),
        (1.0, _power),
        (0.7, _call),
        (0.7, _smooth),
        (0.7, _whole),
        (1.0, _reduction),
        (2.5, _fold),
        (0.7, _choice),
    ]
)
_LEAVES: Rules = Table([(1.5, _constant), (3.0, _variable), (4.0, _element), (0.5, _reduction)])
_WHOLES = ("sum({})", "max({})", "min({})", "len(set({}))", "{}.count({small})")
_VIEWS = Table(
    [
        (5.0, "{}"),
        (1.0, "{}[1:]"),
        (1.0, "{}[:-1]"),
        (0.7, "{}[::-1]"),
        (0.7, "{}[::2]"),
        (0.3, "{}[1::2]"),
        (0.5, "sorted({})"),
    ]
)
_UPDATES = Table(
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
_COMPARISONS = ("==", "==", "!=", "<", ">", "<=", ">=")


def _compare(grower: Grower, scope: Scope, depth: int) -> str | None:
    right = grower.constant() if grower.dice.chance(0.5) else grower.number(scope, 0)
    return f"{grower.number(scope, depth)} {grower.dice.pick(_COMPARISONS)} {right}"


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


_CONDITIONS: Rules = Table([(5.0, _compare), (1.5, _divisible), (0.5, _among), (1.0, _both)])


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


_INDICES: Rules = Table([(6.0, _position), (2.0, _shifted), (1.5, _wrapped), (1.0, _fixed)])

Loop = tuple[str, dict[str, Kind]]


def _over_positions(grower: Grower, scope: Scope) -> Loop | None:
    end = grower.bound(scope)
    name = grower.new(scope, _POSITIONS)
    return (f"{name} in range({end})", {name: Kind.INDEX}) if end else None


def _over_items(grower: Grower, scope: Scope) -> Loop | None:
    source = grower.iterable(scope)
    name = grower.new(scope, _ITEMS)
    return (f"{name} in {source}", {name: Kind.INT}) if source else None


def _over_both(grower: Grower, scope: Scope) -> Loop | None:
    source = grower.iterable(scope)
    place, item = grower.new(scope, _POSITIONS), grower.new(scope, _ITEMS)
    bound = {place: Kind.INDEX, item: Kind.INT}
    return (f"{place}, {item} in enumerate({source})", bound) if source else None


def _over_pairs(grower: Grower, scope: Scope) -> Loop | None:
    first, second = grower.iterable(scope), grower.iterable(scope)
    left, right = grower.new(scope, _ITEMS), grower.new(scope, _ITEMS)
    bound = {left: Kind.INT, right: Kind.INT}
    return (f"{left}, {right} in zip({first}, {second})", bound) if first and second else None


_LOOPS: Table[Callable[[Grower, Scope], Loop | None]] = Table(
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
_ARRAY_LEAVES: Rules = Table([(1.0, _array_variable)])
_ARRAYS: Rules = Table(
    [
        (2.0, _array_variable),
        (5.0, _array_arithmetic),
        (1.0, _array_quotient),
        (2.0, _array_call),
        (1.0, _array_where),
    ]
)
