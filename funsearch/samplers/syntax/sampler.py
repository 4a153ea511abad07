"""The sampler without a model: it recombines and mutates the programs that a prompt shows."""

from __future__ import annotations

import ast
import builtins
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from evaluators.parser import Refused, parse, refusing, unparse
from funsearch import randomness
from funsearch.learning import Outcome
from funsearch.prompts import Prompt, Shown
from funsearch.samplers.protocol import Sample
from funsearch.samplers.syntax import cross, edits, literals
from funsearch.samplers.syntax.cost import explodes, operations
from funsearch.samplers.syntax.dice import Dice, Table
from funsearch.samplers.syntax.draft import Draft, Operator
from funsearch.samplers.syntax.forms import Form, sizes_of
from funsearch.samplers.syntax.grow import REAL_CONSTANTS, WHOLE_CONSTANTS, Grower
from funsearch.samplers.syntax.kinds import ARRAYS, NUMBERS, Kind
from funsearch.samplers.syntax.literals import Literals
from funsearch.samplers.syntax.rates import Rates
from funsearch.samplers.syntax.signature import Signature, parameters
from funsearch.samplers.syntax.sites import Sites
from funsearch.samplers.syntax.tidy import literal, tidy
from funsearch.samplers.syntax.trees import walk

OPERATORS: Mapping[str, Operator] = {
    "constant": edits.tweak_constant,
    "operator": edits.change_operator,
    "name": edits.change_name,
    "index": edits.change_index,
    "source": edits.change_source,
    "regrow": edits.regrow,
    "wrap": edits.wrap,
    "hoist": edits.hoist,
    "swap": edits.swap_operands,
    "term": edits.add_term,
    "unfold": edits.unfold,
    "insert": edits.insert_statement,
    "return": edits.insert_return,
    "delete": edits.delete_statement,
    "unwrap": edits.unwrap_statement,
    "guard": edits.guard_statement,
    "repeat": edits.repeat_statement,
    "double": edits.double_statement,
    "fresh": edits.start_afresh,
    "graft": cross.graft,
    "splice": cross.splice,
    "combine": cross.combine,
}
OF_LITERALS: Mapping[str, Callable[[Draft, Form], bool]] = {
    "draw": literals.draw,
    "vary": literals.vary,
    "add": literals.add,
    "drop": literals.drop,
    "shorten": literals.shorten,
    "move": literals.move,
    "borrow": literals.borrow,
    "renew": literals.renew,
}
"""Tried too where the returned value is made of literals of domains, and only there.

Each is learned about, and recorded, for each kind of literals that the returned value is made of:
`add@1` adds to a list of the second kind.
"""
_MOST_KINDS = 6
"""Kinds of literals that are told apart."""

# How often each operator is tried. First guesses, then shifted towards those that led more often to
# a new best of their island (per sample, single operators only, 16 searches of 9,000 evaluations):
# from 2.6 % (combine) and 1.8 % (unfold, return) over 1 % (insert, term, operator, regrow) down to
# 0.2 % (name, splice); deletions and hoists pay late, by keeping programs short. Those of literals
# are first guesses.
WEIGHTS: Mapping[str, float] = {
    "constant": 3.0,
    "operator": 2.0,
    "name": 0.5,
    "index": 2.0,
    "source": 1.0,
    "regrow": 4.0,
    "wrap": 2.0,
    "hoist": 1.5,
    "swap": 0.2,
    "term": 2.0,
    "unfold": 1.0,
    "insert": 2.0,
    "return": 0.8,
    "delete": 1.0,
    "unwrap": 0.3,
    "guard": 0.7,
    "repeat": 0.1,
    "double": 0.8,
    "fresh": 0.7,
    "graft": 2.0,
    "splice": 0.4,
    "combine": 1.5,
    "draw": 3.0,
    "vary": 4.0,
    "add": 20.0,
    "drop": 4.0,
    "shorten": 1.5,
    "move": 4.0,
    "borrow": 4.0,
    "renew": 0.6,
}

_WHOLE = frozenset({Kind.INT, Kind.INTS, Kind.BOOL})
_TRIES = 30
_RESERVED = frozenset(dir(builtins)) | {"np", "math", "itertools", "functools", "collections"}


class Syntax:
    """Answers a prompt with variations of the programs it shows.

    Args:
        weights: operator → how often it is tried; those left out keep their default.
        signature: first line of the function to evolve, with annotations, where the header of
            the prompts has none. Without either, kinds are guessed from the programs shown.
        best: how often the best program shown is the one that is changed.
        again: after each change, how likely another one follows.
        max_characters: longest program that is proposed, unless one shown is longer.
        max_operations: most operations that a call may take, as `cost.operations` counts them,
            unless one shown takes more. Literals of domains count for neither; their number has a
            limit of its own.
    """

    name = "syntax"
    concurrency = 1

    def __init__(
        self,
        weights: Mapping[str, float] | None = None,
        signature: str | None = None,
        best: float = 0.7,
        again: float = 0.35,
        max_characters: int = 400,
        max_operations: int = 200,
    ) -> None:
        unknown = sorted(set(weights or {}) - set(WEIGHTS))
        if unknown:
            raise ValueError(f"no such operators: {', '.join(unknown)}")
        if not 0 <= best <= 1 or not 0 <= again < 1:
            raise ValueError("best must be from 0 to 1, again from 0 to below 1")
        if max_characters < 1 or max_operations < 1:
            raise ValueError("max_characters and max_operations must be at least 1")
        rates = {**WEIGHTS, **(weights or {})}
        if not any(rates[name] > 0 for name in OPERATORS):
            raise ValueError("no operator has a weight above 0")
        if signature:
            Signature.of_text(signature)
        of_literals = [f"{name}@{kind}" for name in OF_LITERALS for kind in range(_MOST_KINDS)]
        self._first = {
            name: rates[name.partition("@")[0]]
            for name in (*OPERATORS, *of_literals)
            if rates[name.partition("@")[0]] > 0
        }
        self._rates = Rates(self._first)
        self._known: Callable[[str], bool] = frozenset[str]().__contains__
        self._signature = signature
        self._best, self._again = best, again
        self._max_characters, self._max_operations = max_characters, max_operations

    async def start(self) -> None:
        """Nothing to make ready."""

    async def close(self) -> None:
        """Nothing to give back."""

    def meet(self, known: Callable[[str], bool]) -> None:
        """Be given what says whether a program was proposed; see `Learner.meet`."""
        self._known = known

    def learn(self, outcome: Outcome) -> None:
        """Hear of a verdict: what paid is tried more often."""
        recorded = outcome.sample.parameters.get("operators")
        if isinstance(recorded, str) and recorded:
            changes = recorded.split("+")
            stepped = changes == ["constant"] and outcome.new
            self._rates.learn(changes, paid=outcome.better, stepped=stepped)

    def memory(self) -> str:
        """Return all that was learned; see `Learner.memory`."""
        return self._rates.memory()

    def recall(self, memory: str) -> None:
        """Know what another knew; see `Learner.recall`."""
        self._rates.recall(memory)

    async def sample(self, prompt: Prompt, run_seed: int, count: int) -> Sequence[Sample]:
        """Answer a prompt `count` times; see `Sampler.sample`."""
        texts: set[str] = set()
        samples: list[Sample] = []
        for index in range(count):
            samples.append(self._sample(prompt, run_seed, index, texts))
            texts.add(samples[-1].text)
        return samples

    def _sample(self, prompt: Prompt, run_seed: int, index: int, texts: set[str]) -> Sample:
        """Return a sample whose text is none of some and was not proposed before in the run."""
        started = time.perf_counter()
        dice = Dice(randomness.for_sample(run_seed, prompt.draw, index))
        seen = {shown.program.source for shown in prompt.shown} | texts
        for _ in range(_TRIES):
            try:
                with refusing("cannot be changed"):
                    text, applied = self._propose(prompt, dice)
            except Refused:
                continue
            if text and text not in seen and not self._known(_digest(text)):
                return Sample(
                    text=text,
                    sampler=self.name,
                    parameters={
                        "operators": "+".join(applied),
                        "rates": "+".join(f"{self._rates.weight(name):.3g}" for name in applied),
                        "outcomes": self._rates.outcomes,
                    },
                    seed=run_seed,
                    finish="stop",
                    seconds=time.perf_counter() - started,
                )
        return Sample(text="", sampler=self.name, seed=run_seed, error="found nothing new")

    def _propose(self, prompt: Prompt, dice: Dice) -> tuple[str, list[str]]:
        """Return a proposal, empty if it is or would run too long, and what led to it."""
        shown = prompt.shown
        signature = _signature(self._signature or prompt.header, tuple(shown[0].scores))
        position = len(shown) - 1 if dice.chance(self._best) else dice.below(len(shown))
        facts = [_facts(one.program.source) for one in shown]
        written = (value for one in facts for value in one.numbers)
        smooth = not _WHOLE.issuperset(signature.parameters)
        generic = REAL_CONSTANTS if smooth else WHOLE_CONSTANTS
        constants = (*generic, *signature.constants, *written)
        taken = _RESERVED.union(*(one.names for one in facts))
        grower = Grower(dice, constants, taken, smooth=smooth)
        draft = _draft(shown[position], signature, grower)
        draft.mates = [
            lambda one=one: _draft(one, signature, grower)
            for one in shown
            if one is not shown[position]
        ]
        draft.step = self._rates.step
        applied = list[str]()
        self._change(draft, signature, dice, applied)
        tidy(draft.function)
        free = Literals(draft.function, draft.form)
        most = max(self._max_operations, *(one.operations for one in facts))
        if operations(draft.function) - free.operations > most or explodes(draft.function):
            return "", applied
        taken_out = free.characters
        free.spell()
        text = unparse(draft.function)
        longest = max(self._max_characters, *(len(one.program.source) for one in shown))
        return text if len(text) - taken_out <= longest else "", applied

    def _change(self, draft: Draft, signature: Signature, dice: Dice, applied: list[str]) -> None:
        """Apply operators to a draft, and note which."""
        kinds = signature.literals
        names = list(OPERATORS)
        if kinds:
            names = [] if _only_literals(draft) else names
            names += [
                f"{name}@{kind}"
                for kind in range(min(len(kinds), _MOST_KINDS))
                for name in OF_LITERALS
            ]
        table = Table((self._rates.weight(name), name) for name in names if name in self._first)
        for _ in range(_TRIES if table.values else 0):
            name = dice.weigh(table)
            own, _, kind = name.partition("@")
            done = OF_LITERALS[own](draft, kinds[int(kind)]) if kind else OPERATORS[own](draft)
            if done:
                applied.append(name)
                if not dice.chance(self._again):
                    break


def _digest(text: str) -> str:
    """Return the id of the program whose canonical source a text is."""
    return hashlib.sha256(text.encode()).hexdigest()


def _only_literals(draft: Draft) -> bool:
    """Whether a function does nothing but return literals of domains."""
    return len(draft.function.body) == 1 and all(
        isinstance(node, (ast.Return, ast.List, ast.Tuple, ast.Constant))
        for statement in draft.function.body
        for node in walk(statement)
    )


@lru_cache(maxsize=64)
def _signature(header: str, instances: tuple[str, ...]) -> Signature:
    try:
        return Signature.of_text(header, sizes_of(instances))
    except ValueError:
        return Signature()


def _draft(shown: Shown, signature: Signature, grower: Grower) -> Draft:
    function = _function(shown)
    own = parameters(signature, function)
    returns = signature.returns
    if returns is Kind.OTHER:
        returns = _returned(function, own)
    if signature.form:
        Literals(function, signature.form).fold()
    return Draft(function, own, returns, grower, form=signature.form)


def _function(shown: Shown) -> ast.FunctionDef:
    function = parse(shown.program.source).body[0]
    assert isinstance(function, ast.FunctionDef)
    return function


@dataclass(frozen=True)
class _Facts:
    """What is asked of each program shown, again and again."""

    names: frozenset[str]
    numbers: tuple[int | float, ...]
    operations: int


@lru_cache(maxsize=4096)
def _facts(source: str) -> _Facts:
    tree = parse(source)
    names: set[str] = set()
    numbers: list[int | float] = []
    for node in walk(tree):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.expr) and (value := literal(node)) is not None:
            numbers.append(value)
    return _Facts(frozenset(names), tuple(numbers), operations(tree))


def _returned(function: ast.FunctionDef, own: Mapping[str, Kind]) -> Kind:
    """Guess what a function returns from what it returns last."""
    kinds = [
        site.kind
        for site in Sites(function, own).expressions
        if isinstance(site.parent, ast.Return)
    ]
    known = [kind for kind in kinds if kind in NUMBERS | ARRAYS | {Kind.BOOL}]
    return known[-1] if known else Kind.OTHER
