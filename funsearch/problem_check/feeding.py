"""Which certificates are fed, in which order and for how long; and what is said of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators import area
from evaluators.verdict import Certificate
from funsearch.problem_check import feed
from funsearch.problem_check.comparison import Comparison, Counterexample
from funsearch.problem_check.feed import Fed
from funsearch.problem_check.finding import Finding, Result
from funsearch.problem_check.scorer import Scorer
from funsearch.problem_check.second_judge import SecondJudge
from funsearch.problem_check.variation import Varied
from funsearch.text import number
from problems.contract import Instance, Invalid, Problem

_FAMILIES = 2
"""Instances, the first, of which all small certificates are fed."""
_SHARES = {"extreme": 0.15, "near": 0.35, "small": 0.7}
"""By when each kind of certificate has had its share of the time; random ones have the rest."""


@dataclass
class Feeding:
    """Feeds certificates of some instances to `score` and to the checker.

    Attributes:
        problem: the problem.
        models: of each instance, smallest first, what candidates built; the seed's first.
        scorer: asks `score`.
        checker: asks the checker, None if there is none.
        random: decides what is fed.
        seconds: how long it may take.
        most_small: up to how many certificates of an instance are enumerated.
        most_random: random certificates of all instances together.
        comparison: what came of it.
        cut: kinds of certificates that there was no time to finish.
        families: small certificates that were all fed, in words.
        refused: how many things of another kind the gate refused.
        passed: what it let through, in words.
    """

    problem: Problem
    models: Sequence[tuple[Instance, Sequence[NDArray[Any]]]]
    scorer: Scorer
    checker: SecondJudge | None
    random: np.random.Generator
    seconds: float
    most_small: int = 12_000
    most_random: int = 4_000
    comparison: Comparison = field(init=False)
    cut: list[str] = field(default_factory=list[str])
    families: list[str] = field(default_factory=list[str])
    refused: int = 0
    passed: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.comparison = Comparison(self.problem.metric, self.scorer, self.checker)

    def run(self) -> None:
        """Feed everything that there is time for; what candidates built in any case."""
        for instance, models in self.models:
            self._try_gate(models[0])
            for model in models:
                self.comparison.feed(instance, Fed(model, "built by a candidate"))
        # Only now, since the first answers wait for processes and compilation.
        began = time.monotonic()
        for kind, source in (("extreme", self._extreme), ("near", self._near_misses)):
            end, now = began + _SHARES[kind] * self.seconds, time.monotonic()
            for place, (instance, models) in enumerate(self.models):
                # Each instance has its part of what is left.
                until = now + (end - now) * (place + 1) / len(self.models)
                if not _exhausted(source(instance, models), until):
                    self.cut.append(f"{kind} ones on {instance.name}")
        for instance, models in self.models[:_FAMILIES]:
            if not _exhausted(
                self._small(instance, models), began + _SHARES["small"] * self.seconds
            ):
                self.cut.append(f"small ones on {instance.name}")
        if not _exhausted(self._random_ones(), began + self.seconds):
            self.cut.append("random ones")
        self.comparison.repeat()

    def findings(self) -> list[Finding]:
        """Return what came of it."""
        return [self._gate(), self._score(), self._agreement(), self._bounds()]

    def _try_gate(self, model: NDArray[Any]) -> None:
        declared = self.problem.certificate
        for fed in feed.of_another_kind(declared, model):
            try:
                area.check(fed.array, declared)
                self.passed.append(fed.made)
            except Invalid:
                self.refused += 1

    def _extreme(self, instance: Instance, models: Sequence[NDArray[Any]]) -> Iterator[None]:
        declared = self.problem.certificate
        for fed in feed.not_finite(declared, models[0]):
            self.comparison.feed_unreachable(instance, fed)
            yield
        for fed in feed.extreme(declared, models[0]):
            self.comparison.feed(instance, fed)
            yield

    def _near_misses(self, instance: Instance, models: Sequence[NDArray[Any]]) -> Iterator[None]:
        for fed in feed.one_changed(self.problem.certificate, models[0], self.random):
            self.comparison.feed(instance, fed)
            yield

    def _small(self, instance: Instance, models: Sequence[NDArray[Any]]) -> Iterator[None]:
        family = feed.small(self.problem.certificate, models, self.most_small)
        if family is not None:
            for fed in family.all():
                self.comparison.feed(instance, fed)
                yield
            self.families.append(f"{family.words()} on {instance.name}")

    def _random_ones(self) -> Iterator[None]:
        declared = self.problem.certificate
        varied = [Varied(declared, models, self.random) for _, models in self.models]
        # Small ones are quick, and make no less trouble.
        weights = np.array([1 / (1 + models[0].size) for _, models in self.models])
        chosen = self.random.choice(len(varied), self.most_random, p=weights / weights.sum())
        for place in chosen.tolist():
            fed = varied[place].next()
            if self.comparison.feed(self.models[place][0], fed):
                varied[place].learn(fed.array)
            yield

    def _gate(self) -> Finding:
        if self.passed:
            return Finding("gate", Result.FAIL, f"let through {', '.join(self.passed)}")
        detail = f"{self.refused} wrong types, dtypes, dimensions and sizes never reach score"
        return Finding("gate", Result.OK, detail)

    def _score(self) -> Finding:
        done = self.comparison
        if done.score_faults:
            return Finding("score", Result.FAIL, _words(done.score_faults))
        detail = (
            f"{done.fed} certificates: {done.valid} get a finite number, the others Invalid; "
            "the same when asked again"
        )
        return Finding("score", Result.OK, detail + self._unfinished())

    def _agreement(self) -> Finding:
        done = self.comparison
        if self.checker is None:
            where = f"checkers/{self.problem.name}.py beside the problem's file"
            detail = f"there is none: nothing shows that a bad certificate gets no number ({where})"
            return Finding("checker", Result.WARNING, detail)
        faults = dict(done.disagreements)
        for instance, models in self.models:
            certificate = Certificate(models[0].dtype.name, models[0].shape, models[0].tobytes())
            once = self.checker.ask(instance, certificate)
            if once.silent:
                continue
            alone = self.checker.ask_as_a_user(instance, certificate)
            if (once.score, once.says) != (alone.score, alone.says):
                says = f"in a process of its own the checker says {alone.line()}, not {once.line()}"
                faults["alone"] = Counterexample(instance.name, models[0], says)
        if faults:
            return Finding("checker", Result.FAIL, _words(faults))
        among = f", among them {'; '.join(self.families)}" if self.families else ""
        detail = f"agrees with score on {done.compared} certificates{among}"
        if done.unanswered:
            return Finding(
                "checker", Result.WARNING, f"{detail}; {done.unanswered} without an answer in time"
            )
        return Finding("checker", Result.OK, detail)

    def _bounds(self) -> Finding:
        done = self.comparison
        if done.beyond:
            return Finding("bound", Result.FAIL, _words(done.beyond))
        bounds = self.problem.metric.bound
        against = [
            f"{number(best)} on {name} ({number(bounds[name].value)})"
            for name, best in done.best.items()
            if name in bounds
        ]
        if not against:
            return Finding("bound", Result.OK, "none is declared for the instances that were fed")
        detail = f"no score passes it; the best were (with the bounds): {', '.join(against)}"
        return Finding("bound", Result.OK, detail)

    def _unfinished(self) -> str:
        return f"; the time was up for {', '.join(self.cut)}" if self.cut else ""


def _exhausted(source: Iterator[None], until: float) -> bool:
    """Go through a source until that time; return whether it came to its end."""
    return all(time.monotonic() <= until for _ in source)


def _words(faults: Mapping[str, Counterexample]) -> str:
    return "; ".join(fault.says for fault in faults.values())
