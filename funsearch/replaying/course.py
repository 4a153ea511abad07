"""The course of a search, driven again record by record; each must be the one that follows.

What ran live between replies and verdicts runs here again, by the same code. No model is asked
and no candidate is run: replies and verdicts are believed.
"""

from __future__ import annotations

import inspect
import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, cast

from evaluators import admission, identity
from evaluators.parser import Refused
from evaluators.program import Program
from evaluators.verdict import Flag, Status, Verdict
from funsearch import judging, recording
from funsearch.archive.errors import ArchiveError
from funsearch.archive.reader import Reader
from funsearch.archive.records import (
    EvaluationRecord,
    GenerationRecord,
    OutageRecord,
    Record,
    ResetRecord,
    RunRecord,
)
from funsearch.attempts import on_record
from funsearch.config import Config
from funsearch.extraction import Wanted, extract
from funsearch.judging import Judgement
from funsearch.prompts import Failed, Prompt, Shown, render
from funsearch.replaying.contents import Contents
from funsearch.replaying.difference import Differs, compare
from funsearch.replaying.draws import Draws, Outline
from funsearch.restoring import new_state
from funsearch.samplers.protocol import Sample
from funsearch.state import Inconsistent, Pending
from funsearch.text import one_line

if TYPE_CHECKING:
    from funsearch.archive.archive import Archive

DUPLICATE = "duplicate: the same program was proposed on this island before"
REPORTED = frozenset(
    {"sampler", "model", "served", "parameters", "sample_seed", "finish", "seconds", "cost"}
    | {"prompt_tokens", "completion_tokens"}
)
"""Fields of a generation that a sampler alone knew: they are believed."""
_KEPT_PROGRAMS = 4096


class Course:
    """A search that is driven again.

    Args:
        config: of the run.
        reader: of its archive.
        outline: of the log.

    Attributes:
        state: of the search.
        draws: those made again.
        contents: what the records alone imply.
        prompts: how many were rendered again.
        programs: how many came out of replies again, repetitions counted.
        notes: on what is no difference, but may explain one.
    """

    def __init__(self, config: Config, reader: Reader, outline: Outline) -> None:
        # Reader and Archive give objects alike.
        self.state = new_state(config, cast("Archive", reader))
        self.draws = Draws(self.state.search, outline.moments)
        self.contents = Contents(self.state.metric, self.state.search.size)
        self.prompts = self.programs = 0
        self.notes: list[str] = []
        self._config = config
        self._reader = reader
        self._template = config.build("prompt")
        self._wanted = Wanted.of(config.loaded.problem)
        self._digest = sha256(reader.config().encode()).hexdigest()
        self._session: RunRecord | None = None
        self._at_once: int | None = None
        self._prompt: Prompt | None = None
        self._index = 0
        self._pending: dict[int, Program | None] = {}
        self._recent: OrderedDict[str, Program] = OrderedDict()
        self._shown = lru_cache(maxsize=_KEPT_PROGRAMS)(self._fetch_shown)

    def follow(self, number: int, record: Record) -> None:
        """Move on by one record.

        Raises:
            Differs: it is not the one that follows.
            ArchiveError: an object cannot be read.
        """
        try:
            match record:
                case RunRecord():
                    self._of_session(number, record)
                case GenerationRecord():
                    self._check_turn(number, record)
                    self._generated(number, record)
                case EvaluationRecord():
                    session = self._check_turn(number, record)
                    self._evaluated(number, record, session)
                case ResetRecord():
                    self._check_turn(number, record)
                    self._was_reset(number, record)
                case OutageRecord():
                    self._check_turn(number, record)
                    self.state.apply(number, record)
                case _:
                    pass  # says something of a record, and moves no search on
        except Inconsistent as error:
            raise Differs(number, str(error)) from None

    def end(self, number: int) -> None:
        """Hold the state against what the records alone imply.

        Args:
            number: of the last record.

        Raises:
            Differs: they do not agree.
        """
        found = self.contents.contradiction(self.state.search.overview(), self.state.best)
        if found:
            raise Differs(number, found)

    # Sessions, and whose turn it is

    def _of_session(self, number: int, record: RunRecord) -> None:
        begun, config = self._session, self._config
        if record.event == "finished":
            if begun is None:
                raise Differs(number, "a session ends that did not begin")
            expected = replace(begun, event="finished", reason=record.reason)
            self._session = None
        else:
            expected = replace(
                record,
                event="resumed" if self.state.evaluations else "started",
                problem=config.loaded.problem.name,
                problem_digest=config.loaded.digest,
                instances=config.instances,
                config=self._digest,
                seed=config.run.seed,
            )
            self._session = record
            self._note_changes(number, record)
        compare(number, expected, record)
        # What was not judged when a session ended is judged in the next.
        self._at_once = None
        self.state.apply(number, record)

    def _note_changes(self, number: int, record: RunRecord) -> None:
        if record.evaluator != identity.evaluator_digest():
            self._note(f"the evaluator is not the one that judged from record {number} on")
        now = identity.environment()
        changed = [
            f"{name} {record.environment.get(name, 'absent')} then, {now.get(name, 'absent')} now"
            for name in sorted({*record.environment, *now})
            if record.environment.get(name) != now.get(name)
        ]
        if changed:
            self._note(f"from record {number} on: {one_line('; '.join(changed), 500)}")

    def _note(self, text: str) -> None:
        if len(self.notes) < 20:
            self.notes.append(text)

    def _check_turn(self, number: int, record: Record) -> RunRecord:
        """Refuse what comes before something that had to come at once; return the session."""
        if self._session is None:
            raise Differs(number, "no session had begun")
        owed = self._at_once
        if owed is not None and not (
            isinstance(record, EvaluationRecord) and record.generation == owed
        ):
            raise Differs(number, f"the verdict on record {owed} needs no run and must come first")
        if not isinstance(record, ResetRecord) and self.state.search.reset_due() is not None:
            raise Differs(number, "a reset is due and must come first")
        return self._session

    # Generations

    def _generated(self, number: int, record: GenerationRecord) -> None:
        text = self._reply(number, record)
        if record.draw is None:
            expected, program = self._start(number, record, text)
        else:
            prompt = self._prompt_of(number, record)
            program, rejected, notes = self._program_of(record, text)
            sample = Sample(text, record.sampler)
            expected = recording.of_sample(prompt, self._index, sample, program, rejected, notes)
        compare(number, expected, record, REPORTED if record.draw is not None else ())
        if program is not None:
            self.programs += 1
            self.state.expect(program.id, len(program.source.encode()))
            self._recent[program.id] = program
            if len(self._recent) > _KEPT_PROGRAMS:
                self._recent.popitem(last=False)
        self.state.apply(number, record)
        self._pending[number] = program
        if self._known(self.state.pending[number], program) is not None:
            self._at_once = number

    def _start(
        self, number: int, record: GenerationRecord, text: str
    ) -> tuple[GenerationRecord, Program]:
        index = len(self.state.starts)
        if self.state.samples or index > len(self._config.run.seeds):
            raise Differs(number, "no program to start from comes here")
        if index == 0:
            text = inspect.getsource(self._config.loaded.problem.evolve)
        try:
            found = extract(text, self._wanted)
        except Refused as refusal:
            raise Differs(number, f"nothing can start from this text: {refusal}") from None
        sampler = "file" if index else "seed"
        return recording.of_start(text, sampler, index, found.program, found.notes), found.program

    def _prompt_of(self, number: int, record: GenerationRecord) -> Prompt:
        """Return the prompt of a sample; all samples of one come together."""
        assert record.draw is not None
        if self._prompt is not None and self._prompt.draw == record.draw:
            self._index += 1
            return self._prompt
        draw = self.draws.take(record.draw)
        if draw is None:
            raise Differs(
                number,
                f"draw {record.draw} cannot have been made after {record.registrations} "
                "registrations and be answered here",
            )
        if len(record.failures) > self._template.failures:
            raise Differs(number, "it shows more failed attempts than its template does")
        try:
            shown = [self._shown(program) for program in draw.programs]
            failures = [self._failed(number, draw.island, shown) for shown in record.failures]
        except ArchiveError as error:
            raise Differs(number, f"a program that its prompt shows: {error}") from None
        self._index = 0
        self.prompts += 1
        self._prompt = render(
            self._template,
            self._config.loaded.problem,
            draw.number,
            draw.island,
            draw.epoch,
            draw.registrations,
            shown,
            failures,
        )
        return self._prompt

    def _failed(self, number: int, island: int, evaluation: int) -> Failed:
        """Return a failed attempt that a prompt shows; which ones were known then is believed."""
        found = on_record(evaluation, self._reader.record) if evaluation < number else None
        if found is None or found[0] != island:
            raise Differs(number, f"record {evaluation} is no failed attempt of island {island}")
        program = found[1].program
        return Failed(found[1], "" if program is None else self._source(program))

    def _source(self, program: str) -> str:
        known = self._recent.get(program)
        return self._reader.object(program).decode() if known is None else known.source

    def _fetch_shown(self, number: int) -> Shown:
        population = self.state.population
        name = population.id(number)
        program = Program(self._wanted.name, self._source(name))
        scores = dict(zip(self.state.instances, population.signature(number), strict=True))
        score = population.score(number)
        assert score is not None, "only programs with a score are registered"
        return Shown(program, score, scores)

    def _program_of(
        self, record: GenerationRecord, text: str
    ) -> tuple[Program | None, str, tuple[str, ...]]:
        """Return the program in a reply, why there is none, and what was done to the text."""
        if not text and record.program is None:
            # Nobody but the sampler knows why there is no text.
            return None, record.rejected, record.notes
        notes: tuple[str, ...] = ()
        try:
            extracted = extract(text, self._wanted)
            notes = extracted.notes
            if self._config.run.admission:
                admission.check(extracted.program)
        except Refused as refusal:
            return None, str(refusal), notes
        return extracted.program, "", notes

    def _reply(self, number: int, record: GenerationRecord) -> str:
        try:
            return self._reader.object(record.reply).decode("utf-8", "surrogatepass")
        except (ArchiveError, UnicodeError) as error:
            raise Differs(number, f"its reply: {error}") from None

    # Verdicts and resets

    def _known(self, pending: Pending, program: Program | None) -> Verdict | None:
        """Return the verdict on a generation if nothing has to be run for it."""
        if program is None:
            return Verdict(Status.REJECTED, reason=pending.record.rejected, tier="")
        if pending.duplicate:
            return Verdict(Status.REJECTED, reason=DUPLICATE, tier="")
        return judging.known(self.state, program)

    def _evaluated(self, number: int, record: EvaluationRecord, session: RunRecord) -> None:
        pending = self.state.pending.get(record.generation)
        if pending is None:
            raise Differs(number, f"record {record.generation} awaits no verdict")
        certificates: Mapping[str, str] = {}
        program = self._pending.pop(record.generation)
        known = self._known(pending, program)
        if known is not None:
            judgement = Judgement(known)
        else:
            judgement, certificates = self._believed(number, record), record.certificates
            if record.status == Status.REJECTED:
                self._check_twin(number, record, program)
        expected = recording.of_verdict(
            record.generation,
            pending.record,
            judgement,
            session.conditions,
            certificates,
            late=self.state.is_late(pending.record),
        )
        if not session.packages:
            # Logs of format 2 say in the records of sessions only what a verdict depends on.
            expected = replace(expected, conditions=None, reply="")
        compare(number, expected, record)
        self._at_once = None
        self.state.apply(number, record)
        self.contents.evaluated(pending.record, record)
        if record.registered and self.state.search.reset_due() is None:
            self.draws.catch_up()

    def _believed(self, number: int, record: EvaluationRecord) -> Judgement:
        """Return a judgement that rests on a run, as recorded; only the aggregate is computed."""
        names = self.state.instances
        if not record.tier and record.status != Status.SANDBOX_ERROR:
            raise Differs(number, "nothing was run, though nothing was known of the program")
        if Flag.REUSED in record.flags:
            raise Differs(number, "a verdict is reused, though nothing was known of the program")
        scored = record.status == Status.OK
        if set(record.scores) != (set(names) if scored else set[str]()):
            raise Differs(number, "its scores are not those of the run's instances")
        try:
            score = self.state.metric.combine([*record.scores.values()]) if scored else None
            status, flags = Status(record.status), frozenset(map(Flag, record.flags))
        except (ValueError, OverflowError) as error:
            raise Differs(number, str(error)) from None
        verdict = Verdict(
            status,
            score,
            record.scores,
            record.reason,
            flags,
            record.tier,
            record.seconds,
            record.cpu_seconds,
        )
        return Judgement(verdict, record.confirmed, record.sandbox)

    def _check_twin(self, number: int, record: EvaluationRecord, program: Program | None) -> None:
        """Refuse a duplicate by behaviour that names no program which it can be one of."""
        behaviours = self.state.behaviours
        length = len(program.source.encode()) if program else 0
        if behaviours is None or behaviours.pointed_at(record.reason, length) is None:
            raise Differs(number, "it is rejected, and no program it is a duplicate of is named")

    def _was_reset(self, number: int, record: ResetRecord) -> None:
        search, population = self.state.search, self.state.population
        # The clock that calls for a reset is not on record: it may have been any time.
        trigger = search.reset_due(math.inf)
        if trigger is None or not search.registrations:
            raise Differs(number, "no reset is due")
        plan = search.plan_reset()
        founders = tuple((island, population.id(program)) for island, program in plan.founders)
        compare(
            number,
            recording.of_reset(plan.number, trigger, plan.registrations, founders),
            record,
        )
        self.state.apply(number, record)
        scores = [population.score(program) or 0.0 for _, program in plan.founders]
        self.contents.was_reset(record, scores)
        self.draws.catch_up_after_reset()
