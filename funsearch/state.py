"""The state of a search as a function of its log: the same steps, live and when read back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from evaluators.verdict import Flag, Status
from funsearch.archive.records import (
    EvaluationRecord,
    GenerationRecord,
    OutageRecord,
    Record,
    ResetRecord,
    RunRecord,
)
from funsearch.attempts import Attempts, failed
from funsearch.behaviours import Behaviours
from funsearch.learning import Learner, Outcome
from funsearch.population import Population
from funsearch.search import Search
from funsearch.spending import Spending
from problems.contract import Metric


class Inconsistent(Exception):
    """The log does not follow from the search it describes; the message names the record."""


@dataclass(frozen=True)
class Best:
    """The best program so far; the earlier one of two that are equal.

    Attributes:
        program: its id.
        score: its aggregate score.
        scores: instance → score.
        evaluation: number of the evaluation record.
        flags: of its verdict; `unconfirmed` among them must be said wherever it is shown.
        certificates: instance → digest of the certificate file.
    """

    program: str
    score: float
    scores: Mapping[str, float]
    evaluation: int
    flags: tuple[str, ...] = ()
    certificates: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Pending:
    """A generation without an evaluation so far.

    Attributes:
        record: of the generation.
        duplicate: whether its program had been proposed before on the same island and epoch.
    """

    record: GenerationRecord
    duplicate: bool


@dataclass
class Clock:
    """Search time: of each session, from its own record to the last one of the search.

    Attributes:
        past: seconds of the sessions before.
        since: when the session began, in seconds since the epoch; None before the first one.
        until: time of the last record.
    """

    past: float = 0.0
    since: float | None = None
    until: float = 0.0

    @property
    def seconds(self) -> float:
        """Of all sessions so far."""
        return self.past + (0.0 if self.since is None else max(0.0, self.until - self.since))

    def begin(self, time: float) -> None:
        """Note that a session begins."""
        self.past, self.since = self.seconds, time


class SearchState:
    """What a run knows, moved on by one record at a time.

    Beside counts and the best program: `pending`, the generations without an evaluation;
    `starts`, the programs the run was given; `last_failure`, the reason of the last verdict
    without a score; `unconfirmed`, the programs whose score no other run could confirm; `clock`,
    the search time by the records' own times; `spending`, what samples have cost; `attempts`, the
    last ones that failed; `behaviours`, of programs on the islands, if they are to be told apart.

    Args:
        metric: of the problem.
        instances: training instances, in the order of signatures.
        search: that chooses examples; fed from here alone.
        population: the one the search reads.
        length: id of a program → length of its source, in UTF-8 bytes.
        learner: is told what becomes of samples, if there is one.
        probe: instance whose certificates tell behaviours apart, if they are to be.
    """

    def __init__(
        self,
        metric: Metric,
        instances: tuple[str, ...],
        search: Search,
        population: Population,
        length: Callable[[str], int],
        learner: Learner | None = None,
        probe: str | None = None,
    ) -> None:
        self.metric = metric
        self.instances = instances
        self.search = search
        self.population = population
        self.samples = 0
        self.evaluations = 0
        self.outages = 0
        self.next_draw = 0
        self.best: Best | None = None
        self.verdicts: Counter[str] = Counter()
        self.pending: dict[int, Pending] = {}
        self.starts: list[str] = []
        self.last_failure = ""
        self.unconfirmed: set[str] = set()
        self.clock = Clock()
        self.spending = Spending()
        self.attempts = Attempts()
        self.behaviours = None if probe is None else Behaviours(probe, population)
        self.learner = learner
        if learner is not None:
            learner.meet(lambda program: population.find(program) is not None)
            learner.recall("")
        self._length = length
        self._lengths: dict[str, int] = {}

    def expect(self, program: str, length: int) -> None:
        """Tell the length of a program before its records come, to spare looking it up."""
        self._lengths[program] = length

    def is_late(self, generation: GenerationRecord) -> bool:
        """Whether the island of a generation was reset since its draw."""
        if generation.island is None:
            return False
        return self.search.epoch(generation.island) != generation.epoch

    def apply(self, number: int, record: Record) -> None:
        """Move on by one record.

        Raises:
            Inconsistent: it cannot follow what came before.
        """
        match record:
            case GenerationRecord():
                self._generated(number, record)
            case EvaluationRecord():
                self._evaluated(number, record)
            case ResetRecord():
                self._was_reset(number, record)
            case OutageRecord():
                self.outages += 1
            case RunRecord():
                if record.event != "finished" and record.time:
                    self.clock.begin(float(record.time))
            case _:
                return  # is about what was found, and no part of the search
        if record.time:
            self.clock.until = float(record.time)

    def _generated(self, number: int, record: GenerationRecord) -> None:
        if record.island is not None and record.island >= self.search.size:
            raise Inconsistent(f"record {number} is of island {record.island}, which is none")
        if record.draw is not None:
            self.samples += 1
            self.spending.add(record)
            self.next_draw = max(self.next_draw, record.draw + 1)
        elif record.program is not None:
            self.starts.append(record.program)
        self.pending[number] = Pending(record, duplicate=self._propose(record))

    def _propose(self, record: GenerationRecord) -> bool:
        """Note a program on its island, and return whether it had been there."""
        if record.program is None or self.is_late(record):
            return False
        program = self.population.propose(record.program)
        islands = range(self.search.size) if record.island is None else (record.island,)
        return self.population.mark(program, islands)

    def _evaluated(self, number: int, record: EvaluationRecord) -> None:
        pending = self.pending.pop(record.generation, None)
        if pending is None or pending.record.program != record.program:
            raise Inconsistent(f"record {number} evaluates what record {record.generation} is not")
        generation = pending.record
        self.evaluations += 1
        self.verdicts[record.status] += 1
        self.last_failure = record.reason if record.score is None else self.last_failure
        length = self._lengths.pop(record.program or "", None)
        program, new, best = None, False, False
        # A duplicate says nothing new about its program, and a fault of ours nothing at all.
        if record.status not in ("rejected", "sandbox_error"):
            program = record.program
        if program is not None:
            new, best = self._learned(program, number, generation, record, length)
        attempt = failed(number, generation, record)
        if attempt is not None and generation.island is not None and not self.is_late(generation):
            self.attempts.add(generation.island, attempt)
        if self.learner is not None and generation.draw is not None:
            self.learner.learn(self._outcome(generation, record, new=new, best=best))

    def _outcome(
        self, generation: GenerationRecord, record: EvaluationRecord, *, new: bool, best: bool
    ) -> Outcome:
        better = new and record.score is not None
        for parent in generation.parents if better else ():
            found = self.population.find(parent)
            score = None if found is None else self.population.score(found)
            assert record.score is not None
            better = better and (score is None or self.metric.better(record.score, score))
        return Outcome(generation, record.status, record.score, new=new, better=better, best=best)

    def _learned(
        self,
        name: str,
        number: int,
        generation: GenerationRecord,
        record: EvaluationRecord,
        length: int | None,
    ) -> tuple[bool, bool]:
        """Take a verdict on a program; return whether it is the first one, and the best."""
        program = self.population.propose(name)
        new = self.population.record(program) is None
        if new:
            self._judge(program, number, record, self._length(name) if length is None else length)
        if record.score is None:
            return new, False
        if self.population.score(program) is None:
            raise Inconsistent(f"record {number} has a score for a program that failed before")
        if Flag.UNCONFIRMED in record.flags:
            self.unconfirmed.add(name)
        taken = self.search.register(program, generation.island, generation.epoch)
        if taken != record.registered:
            raise Inconsistent(f"record {number} disagrees with the islands on its registration")
        if taken and self.behaviours is not None:
            at = generation.island
            homes = range(self.search.size) if at is None else (at,)
            epochs = ((island, self.search.epoch(island)) for island in homes)
            self.behaviours.note(epochs, record, program)
        best = self.best is None or self.metric.better(record.score, self.best.score)
        if best:
            self.best = Best(
                name, record.score, record.scores, number, record.flags, record.certificates
            )
        return new, best

    def _judge(self, program: int, number: int, record: EvaluationRecord, length: int) -> None:
        signature = None
        if record.score is not None:
            try:
                signature = [record.scores[name] for name in self.instances]
            except KeyError:
                raise Inconsistent(f"record {number} lacks the score of an instance") from None
        status = Status(record.status)
        self.population.judge(program, status, number, length, signature, record.score)

    def _was_reset(self, number: int, record: ResetRecord) -> None:
        try:
            done = self.search.reset()
        except LookupError as error:
            raise Inconsistent(f"record {number} is a reset, but {error}") from None
        founders = tuple((island, self.population.id(p)) for island, p in done.founders)
        if (done.number, done.registrations, founders) != (
            record.number,
            record.registrations,
            record.founders,
        ):
            raise Inconsistent(f"record {number} is not the reset that the islands make")
        for island, _ in founders:
            self.attempts.forget(island)
