"""A draft: a function under work, with its sites and the programs it may borrow from."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import dedent

from funsearch.samplers.syntax.forms import Form
from funsearch.samplers.syntax.grow import Grower
from funsearch.samplers.syntax.kinds import Kind, Scope
from funsearch.samplers.syntax.sites import Gap, Site, Sites
from funsearch.samplers.syntax.trees import walk


@dataclass
class Draft:
    """A function and what the operators need to work on it.

    Attributes:
        function: changed in place.
        parameters: its parameters and their kinds.
        returns: kind of what it returns.
        grower: writes new code.
        mates: the other programs shown; called, each gives a draft of its own.
        form: how what it returns is made of literals of domains, if it is.
        step: size of a step between numbers, relative to the number.
    """

    function: ast.FunctionDef
    parameters: Scope
    returns: Kind
    grower: Grower
    mates: Sequence[Callable[[], Draft]] = ()
    form: Form | None = None
    step: float = 0.5

    def sites(self) -> Sites:
        """Return the sites of the function as it is now."""
        return Sites(self.function, self.parameters)

    def assigned(self) -> list[str]:
        """Return the variables that plain statements give values to, parameters left out."""
        found: dict[str, None] = {}
        for node in walk(self.function):
            match node:
                case (
                    ast.Assign(targets=[ast.Name(id=name)])
                    | ast.AugAssign(target=ast.Name(id=name))
                ):
                    found[name] = None
                case _:
                    pass
        return [name for name in found if name not in self.parameters]

    def open_gaps(self) -> list[tuple[Gap, list[str]]]:
        """Return the gaps where a variable may be changed, each with those variables."""
        names = self.assigned()
        pairs = [(gap, [name for name in names if name in gap.scope]) for gap in self.sites().gaps]
        return [(gap, targets) for gap, targets in pairs if targets]

    def last_return(self) -> ast.Return | None:
        """Return the last statement if it returns a value."""
        last = self.function.body[-1]
        return last if isinstance(last, ast.Return) and last.value is not None else None


Operator = Callable[[Draft], bool]
"""Changes a draft and returns True, or finds nothing to change."""


def expression(text: str) -> ast.expr:
    """Return the tree of an expression."""
    return ast.parse(text, mode="eval").body


def statements(text: str) -> list[ast.stmt]:
    """Return the trees of statements."""
    return ast.parse(dedent(text)).body


def choose(draft: Draft, sites: Sequence[Site]) -> Site | None:
    """Return one of the sites, or None if there is none."""
    return draft.grower.dice.pick(sites) if sites else None
