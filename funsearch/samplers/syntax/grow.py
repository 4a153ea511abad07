"""Growing: random expressions and statements, as text, over the variables in scope."""

from __future__ import annotations

import keyword
from collections.abc import Collection, Sequence
from textwrap import indent

from funsearch.samplers.syntax import grammar
from funsearch.samplers.syntax.dice import Dice
from funsearch.samplers.syntax.grammar import Loop, names
from funsearch.samplers.syntax.kinds import ARRAYS, NUMBERS, SEQUENCES, Kind, Scope

WHOLE_CONSTANTS: tuple[int | float, ...] = (0, 1, 1, 1, 2, 2, 2, 3, 3, -1, 4, 10)
REAL_CONSTANTS: tuple[int | float, ...] = (0, 1, 1, 2, 2, 3, -1, 4, 0.5, 0.1, 10, 100)
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
        return (
            self._grow(grammar.NUMBER_RULES if depth > 0 else grammar.LEAVES, scope, depth)
            or self.constant()
        )

    def condition(self, scope: Scope, depth: int) -> str:
        """Return an expression to test."""
        return self._grow(grammar.CONDITIONS, scope, depth) or "True"

    def index(self, scope: Scope) -> str:
        """Return the position of an element; the length of the sequence is not known."""
        return self._grow(grammar.INDICES, scope, 0) or "0"

    def array(self, scope: Scope, depth: int) -> str:
        """Return an expression whose value is an array of the shape of one in scope."""
        return (
            self._grow(grammar.ARRAY_RULES if depth > 0 else grammar.ARRAY_LEAVES, scope, depth)
            or "0.0"
        )

    def mask(self, scope: Scope, depth: int) -> str:
        """Return an expression whose value is an array of bools."""
        left = self.array(scope, depth - 1)
        right = self.number(scope, 0) if self.dice.chance(0.7) else self.array(scope, 0)
        return f"({left} {self.dice.pick(grammar.COMPARISONS)} {right})"

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
        if not sequences:
            return None
        cut = self.dice.pick((1, 2, 2, 3, 4))
        return self.dice.weigh(grammar.VIEWS).format(self.dice.pick(sequences), cut=cut)

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

    def loop(self, scope: Scope) -> Loop | None:
        """Return `target in source` of a loop and what it binds; None if nothing can be walked."""
        for _ in range(_TRIES):
            made = self.dice.weigh(grammar.LOOPS)(self, scope)
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
        form = self.dice.weigh(grammar.UPDATES)
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

    def _grow(self, rules: grammar.Rules, scope: Scope, depth: int) -> str | None:
        for _ in range(_TRIES):
            text = self.dice.weigh(rules)(self, scope, depth)
            if text is not None:
                return text
        return None
