"""The array tier against the interpreter, on random programs: equal to the bit, or it gives up."""

from __future__ import annotations

import ast
import random
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.array_tier.columns import Columns
from evaluators.array_tier.lanes import GiveUp
from evaluators.array_tier.machine import run
from evaluators.candidate import Interpreted, load

ROWS = 40
INTS = (0, 1, 2, 3, -1, -2, 5, 7, 10, 100, 2**31, 2**53 + 1, 2**62, -(2**63), 10**20)
FLOATS = (0.0, -0.0, 0.5, 1.0, -1.5, 2.0, 3.7, 0.1, 1e-9, 1e15, 9007199254740993.0, 1e308, 5e-324)


VARYING = ("int(x) % 5", "int(el[0])", "int(el[-1]), n")
SEQUENCES = (
    *("sorted(S)", "list(S)", "(N, N)", "(S + S)", "(S if C else el)", "(el * 2)", "tuple(S)"),
    *("[N for L]", "[N for L if C]", "tuple(N for L)"),
)
CONDITIONS = (
    *(
        "N R N",
        "N % 3 R 1",
        "(C and C)",
        "(C or C)",
        "not C",
        "0 <= N < N",
        "N in S",
        "S == S",
        "N",
    ),
    *("N not in (0, 2)", "any(C for L)", "all(C for L)", "any(C for L if C)"),
)
NUMBERS = (
    *("(N + N)", "(N - N)", "(N * N)", "(N + N)", "(N * K)", "(N % D)", "(N // D)", "(N / D)"),
    *("(N ** 2)", "(N ** 3)", "(2 ** (N % 5))", "(1.5 ** (N % 4))", "(N ** (N % 3))"),
    *("(round(N) & round(N))", "(round(N) | 5)", "(round(N) ^ round(N))", "(round(N) << 2)"),
    *("(round(N) >> 1)", "-N", "abs(N)", "(N if C else N)", "(N and N)", "(N or N)", "(C)"),
    *("el[0]", "el[1]", "el[-2]", "el[n - 3]", "el[int(N) % len(el)]", "S.count(N)", "len(S)"),
    *("len(set(S))", "sum(S)", "max(el)", "min(el)", "sorted(el)[-2]", "max(N, N, K)", "min(N, N)"),
    *("sum(N for L)", "sum(N for L if C)", "max([0, N] + [N for L])", "int(N)", "float(N)"),
    *("round(N)", "round(N, 1)", "bool(N)", "math.sin(N)", "math.floor(N)", "math.exp(-abs(N))"),
    *("math.sqrt(abs(N))", "math.log1p(abs(N))", "el.index(el[1])", "sum(sorted(S))", "+N", "-N"),
    *("max(N for L)", "sum([N for L])", "len([N for L if C])"),
)
RASH = (
    *("(N % N)", "(N // N)", "(N / N)", "(N ** N)", "(N << N)", "(N >> N)", "(N & N)", "el[N]"),
    *("el[3]", "pow(N, N)", "math.log(N)", "math.sqrt(N)", "S.index(N)", "min(S)", "max(N for L)"),
    *("(N ** 0.5)", "(N ** -1)", "(N ** K)", "math.exp(N)", "min(N for L if C)", "~N", "S"),
)


class Writer:
    """Writes a random function of `el`, `x`, `y` and `n`.

    A wild one does at every turn what may raise; a tame one divides by what is not zero, and the
    like, so that most of them get to the end.
    """

    def __init__(self, dice: random.Random, wild: bool) -> None:
        self.dice = dice
        self.wild = wild
        self.names = ["x", "y", "n"]
        self.fresh = 0

    def pick(self, *choices: str) -> str:
        return self.dice.choice(choices)

    def write(self, form: str, depth: int) -> str:
        """Fill a form: N is a number, S a sequence, C a condition, D a divisor, K a constant."""
        parts = {
            "N": lambda: self.number(depth - 1),
            "S": lambda: self.sequence(depth - 1),
            "C": lambda: self.condition(depth - 1),
            "D": lambda: self.divisor(depth - 1),
            "K": self.constant,
            "R": lambda: self.pick("==", "!=", "<", "<=", ">", ">="),
        }
        return "".join(parts[each]() if each in parts else each for each in form)

    def over(self, form: str, depth: int) -> str:
        """Write a form whose L is a loop, and whose other parts may use what it binds."""
        loop, inner = self.loop(depth - 1)
        head, _, tail = form.partition("L")
        return inner.write(head, depth) + loop + inner.write(tail, depth)

    def rash(self) -> bool:
        return self.wild and self.dice.random() < 0.3

    def constant(self) -> str:
        if not self.wild or self.dice.random() < 0.7:
            return str(self.dice.choice(INTS[:8]))
        return repr(self.dice.choice(INTS + FLOATS))

    def divisor(self, depth: int) -> str:
        if self.rash():
            return self.number(depth)
        form = self.pick("2", "3", "-2", "0.5", "7", "(abs(N) + 1)", "len(el)", "-n")
        return self.write(form, depth)

    def sequence(self, depth: int) -> str:
        if depth <= 0 or self.dice.random() < 0.5:
            return self.pick(
                "el",
                "el",
                "el[1:]",
                "el[:-1]",
                "el[::-1]",
                "el[::2]",
                "el[n - 2:]",
                "el[4:]",
                "el[:0]",
            )
        form = self.pick(*SEQUENCES)
        return self.over(form, depth) if "L" in form else self.write(form, depth)

    def condition(self, depth: int) -> str:
        if depth <= 0:
            return self.write("N R N", 0)
        form = self.pick(*CONDITIONS)
        return self.over(form, depth) if "L" in form else self.write(form, depth)

    def number(self, depth: int) -> str:
        if depth <= 0 or self.dice.random() < 0.15:
            return self.pick(
                self.constant(), self.pick(*self.names), self.pick(*self.names), "el[0]", "el[-1]"
            )
        form = self.pick(*(RASH if self.rash() else NUMBERS))
        return self.over(form, depth) if "L" in form else self.write(form, depth)

    def loop(self, depth: int) -> tuple[str, Writer]:
        inner = Writer(self.dice, self.wild)
        inner.names, inner.fresh = [*self.names], self.fresh + 2
        one, other = f"v{self.fresh}", f"v{self.fresh + 1}"
        source = self.sequence(depth)
        kind = self.dice.randrange(6)
        if kind < 2:
            inner.names += [one, other]
            pairs = f"enumerate({source})" if kind else f"zip({source}, {self.sequence(depth)})"
            return f"{one}, {other} in {pairs}", inner
        inner.names.append(one)
        if kind == 2:
            return f"{one} in {source}", inner
        ends = self.pick("n", "len(el)", "3", "1, n", "0, 5, 2", "n - 1, -1, -1", *VARYING)
        return f"{one} in range({ends})", inner

    def block(self, depth: int, in_loop: bool) -> list[str]:
        lines: list[str] = []
        for _ in range(self.dice.randint(1, 3)):
            lines += self.statement(depth, in_loop)
        return lines

    def statement(self, depth: int, in_loop: bool) -> list[str]:
        kind = self.dice.random()
        if depth > 0 and kind < 0.25:
            before = [*self.names]
            lines = [f"if {self.condition(2)}:", *indented(self.block(depth - 1, in_loop))]
            # What a branch alone assigns may be missing later; mostly it is not used.
            self.names = self.names if self.rash() else [*before]
            if self.dice.random() < 0.5:
                lines += ["else:", *indented(self.block(depth - 1, in_loop))]
            return lines
        if depth > 0 and kind < 0.45:
            return self.loop_statement(depth)
        if in_loop and kind < 0.52:
            return [self.pick("break", "continue")]
        if kind < 0.58:
            return [f"return {self.number(2)}"]
        if kind < 0.62:
            return [f"a, b = {self.number(1)}, {self.number(2)}", "c = a"]
        name = self.pick("a", "b", "c", "a", "b", "x", "missing" if self.rash() else "a")
        known = name in self.names
        if name != "missing" and not known:
            self.names.append(name)
        if (known and kind < 0.8) or name == "missing":
            if self.dice.random() < 0.3:
                return [f"{name} {self.pick('%', '//', '/')}= {self.divisor(1)}"]
            return [f"{name} {self.pick('+', '-', '*')}= {self.number(2)}"]
        return [f"{name} = {self.number(3)}"]

    def loop_statement(self, depth: int) -> list[str]:
        if self.dice.random() < 0.25:
            bound = self.pick("5", "n", "x", "el[0]")
            return [
                "k = 0",
                f"while k < {bound}{self.pick('', f' and {self.condition(1)}')}:",
                "    k += 1",
                *indented(self.block(depth - 1, True)),
            ]
        loop, inner = self.loop(1)
        lines = [f"for {loop}:", *indented(inner.block(depth - 1, True))]
        self.names += inner.names[len(self.names) :] if self.dice.random() < 0.3 else []
        if self.dice.random() < 0.15:
            lines += ["else:", *indented(self.block(depth - 1, False))]
        return lines

    def function(self) -> str:
        lines = []
        for name in ("a", "b"):
            if self.dice.random() < 0.8:
                lines.append(f"{name} = {self.number(2)}")
                self.names.append(name)
        lines += self.block(2, False)
        lines += [f"return {self.number(3)}"]
        return "def f(el, x, y, n):\n" + "\n".join(indented(lines))


def indented(lines: Sequence[str]) -> list[str]:
    return ["    " + line for line in lines]


def columns_at_random(dice: random.Random, wild: bool) -> tuple[Any, ...]:
    """Return a column of tuples, one of ints, one of floats, and a number."""
    length = dice.randint(3, 6)
    whole: Callable[[], Any] = lambda: dice.randrange(-1, 4)  # noqa: E731
    real: Callable[[], Any] = lambda: dice.choice(FLOATS[:9])  # noqa: E731
    makers = [real if dice.random() < 0.1 else whole for _ in range(length)]
    tuples = [tuple(make() for make in makers) for _ in range(ROWS)]
    pool = INTS[:13] if wild and dice.random() < 0.4 else INTS[:8]
    ints = [dice.choice(pool) for _ in range(ROWS)]
    floats = [dice.choice(FLOATS if wild else FLOATS[:8]) for _ in range(ROWS)]
    return tuples, ints, floats, length


def outcome(run_it: Callable[[], Any]) -> bytes | str:
    """Return the bytes of a map's result, or the name of what it raised."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return run_it().tobytes()
    except Exception as error:
        return type(error).__name__


def compared(source: str, columns: tuple[Any, ...]) -> str:
    """Return `equal`, or why there is nothing to compare; fail where the two tiers differ."""
    tree = ast.parse(source)
    try:
        arrays = run(tree, (), columns, Columns()).tobytes()
    except GiveUp as reason:
        return str(reason)
    truth = outcome(lambda: Interpreted(load(tree, "f", {})).map(*columns))
    assert arrays == truth, f"{source}\n{columns}\n{truth!r}"
    return "equal"


@settings(max_examples=800)
@given(st.integers(0, 2**62))
def test_random_programs_return_what_the_interpreter_returns(seed: int) -> None:
    dice = random.Random(seed)
    wild = dice.random() < 0.3
    compared(Writer(dice, wild).function(), columns_at_random(dice, wild))
