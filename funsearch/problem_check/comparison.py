"""Feeds certificates to `score` and to the checker, and notes where an answer cannot be right."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from evaluators.verdict import Certificate
from funsearch.problem_check.answer import Answer
from funsearch.problem_check.feed import Fed
from problems.contract import Instance, Metric

_REPEATED = 200
"""Certificates whose score is asked for again at the end, in reverse order."""
_SHOWN = 60
"""Most characters of a certificate in a message."""


class ScoreAsker(Protocol):
    """Answers for `score`."""

    def ask(self, instance: str, array: NDArray[Any]) -> Answer:
        """Return the answer on an array."""
        ...


class CheckerAsker(Protocol):
    """Answers for the checker."""

    def ask(self, instance: Instance, certificate: Certificate) -> Answer:
        """Return the answer on a certificate."""
        ...


@dataclass(frozen=True)
class Counterexample:
    """A certificate that shows a fault.

    Attributes:
        instance: name.
        array: the certificate.
        says: what is wrong, how the certificate was made, and what it is if it is short.
    """

    instance: str
    array: NDArray[Any]
    says: str


@dataclass
class Comparison:
    """What came of feeding certificates.

    Attributes:
        metric: of the problem.
        score: answers for `score`.
        checker: answers for the checker, None if there is none.
        fed: how many different certificates `score` was asked about.
        valid: how many of them it gave a number.
        best: instance → the best of these numbers.
        compared: how many of them the checker answered on too.
        unanswered: how many the checker did not answer on in time.
        score_faults: what `score` alone is to blame for: kind → the smallest certificate that
            shows it.
        disagreements: the same where the checker says something else, or fails.
        beyond: the same where a score is beyond a proven bound.
    """

    metric: Metric
    score: ScoreAsker
    checker: CheckerAsker | None
    fed: int = 0
    valid: int = 0
    best: dict[str, float] = field(default_factory=dict[str, float])
    compared: int = 0
    unanswered: int = 0
    score_faults: dict[str, Counterexample] = field(default_factory=dict[str, Counterexample])
    disagreements: dict[str, Counterexample] = field(default_factory=dict[str, Counterexample])
    beyond: dict[str, Counterexample] = field(default_factory=dict[str, Counterexample])
    _seen: set[bytes] = field(default_factory=set[bytes])
    _first: list[tuple[Instance, Fed, Answer]] = field(
        default_factory=list[tuple[Instance, Fed, Answer]]
    )

    def feed(self, instance: Instance, fed: Fed) -> bool | None:
        """Have a certificate judged; return whether it is valid, None if it was known already."""
        array = fed.array
        key = f"{instance.name} {array.shape} ".encode() + array.tobytes()
        digest = hashlib.sha256(key).digest()
        if digest in self._seen:
            return None
        self._seen.add(digest)
        answer = self.score.ask(instance.name, array)
        self.fed += 1
        if len(self._first) < _REPEATED and not answer.fault:
            self._first.append((instance, fed, answer))
        if answer.fault:
            _note(self.score_faults, answer.says.partition(":")[0], instance, fed, answer.line())
            return False
        if answer.score is not None:
            self.valid += 1
            best = self.best.setdefault(instance.name, answer.score)
            if self.metric.better(answer.score, best):
                self.best[instance.name] = answer.score
            if self.metric.beyond_bound(instance.name, answer.score):
                bound = self.metric.bound[instance.name]
                says = f"{answer.line()} is beyond the bound of {bound.value:.10g}"
                _note(self.beyond, "beyond a bound", instance, fed, says)
        if self.checker is not None:
            self._compare(instance, fed, answer)
        return answer.score is not None

    def feed_unreachable(self, instance: Instance, fed: Fed) -> None:
        """Have `score` alone judge what only the gate keeps from it: it must not get a number."""
        answer = self.score.ask(instance.name, fed.array)
        self.fed += 1
        if answer.score is not None:
            _note(self.score_faults, "not finite", instance, fed, f"gets {answer.line()}")
        elif answer.fault:
            _note(self.score_faults, answer.says.partition(":")[0], instance, fed, answer.line())

    def repeat(self) -> None:
        """Ask for the first scores again, in reverse order: they must be the same."""
        for instance, fed, answer in reversed(self._first):
            again = self.score.ask(instance.name, fed.array)
            if (again.score, again.says, again.fault) != (answer.score, answer.says, answer.fault):
                says = f"asked again, score says {again.line()} after {answer.line()}"
                _note(self.score_faults, "changes", instance, fed, says)

    def _compare(self, instance: Instance, fed: Fed, answer: Answer) -> None:
        assert self.checker is not None
        array = fed.array
        certificate = Certificate(array.dtype.name, array.shape, array.tobytes())
        checked = self.checker.ask(instance, certificate)
        if checked.silent:
            self.unanswered += 1
            return
        self.compared += 1
        both = f"score says {answer.line()}, the checker {checked.line()}"
        if checked.fault:
            _note(self.disagreements, "checker fails", instance, fed, checked.says)
        elif answer.score is None or checked.score is None:
            if (answer.score is None) != (checked.score is None):
                accepted = "accepted" if answer.score is not None else "refused"
                _note(self.disagreements, accepted, instance, fed, both)
        elif not self.metric.agree(answer.score, checked.score):
            _note(self.disagreements, "different scores", instance, fed, both)


def _note(
    faults: dict[str, Counterexample], kind: str, instance: Instance, fed: Fed, says: str
) -> None:
    """Keep the smallest certificate for each kind of fault."""
    if kind in faults and faults[kind].array.size <= fed.array.size:
        return
    text = np.array2string(fed.array, separator=",", threshold=40).replace("\n", "")
    shown = f" {text}" if len(text) <= _SHOWN else ""
    array = f"array{shown} of shape {fed.array.shape} on {instance.name} ({fed.made})"
    faults[kind] = Counterexample(instance.name, fed.array, f"{says}, of the {array}")
