"""The kinds of record a run writes, as plain data; `statement` gives them their public form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Digest = str
"""SHA-256 in hex."""


@dataclass(frozen=True)
class Conditions:
    """What a verdict depends on besides its program.

    Attributes:
        problem: digest of the problem's source.
        evaluator: digest of the evaluator's source.
        environment: digest of the text that lists processor, versions and installed packages,
            which is among the objects.
    """

    problem: Digest
    evaluator: Digest
    environment: Digest


@dataclass(frozen=True)
class RunRecord:
    """A run was started, resumed or finished.

    Attributes:
        event: which of the three.
        problem: name of the problem.
        problem_digest: of its module's source.
        instances: the training instances, in the order of signatures.
        config: digest of `config.yaml`.
        seed: the run's seed.
        evaluator: digest of the evaluator's own source.
        environment: versions of what a score may depend on, and the processor.
        packages: digest of the text, among the objects, that lists all of the environment:
            these and every installed package. Empty in logs of format 2.
        log: verifier key of the log that holds this record; empty in logs of format 2.
        reason: why a run finished: `samples`, `seconds`, `target`, `interrupted` or an error.
        time: seconds since the epoch, UTC, as a decimal string.
    """

    event: Literal["started", "resumed", "finished"]
    problem: str
    problem_digest: Digest
    instances: tuple[str, ...]
    config: Digest
    seed: int
    evaluator: Digest
    environment: Mapping[str, str]
    packages: Digest = ""
    log: str = ""
    reason: str = ""
    time: str = ""

    @property
    def conditions(self) -> Conditions:
        """What the verdicts that follow depend on."""
        return Conditions(self.problem_digest, self.evaluator, self.packages)


@dataclass(frozen=True)
class GenerationRecord:
    """A sampler returned a text. Written before anything is run.

    Attributes:
        program: id of the program, or None where the text holds none.
        rejected: why the text was not taken; empty where there is a program.
        draw: number of the draw; None for a program the run was given to start from.
        index: of the sample within its draw.
        island: index of the island drawn from; None for a starting program (all islands).
        epoch: of that island at the draw; 0 for a starting program.
        registrations: how many the islands had seen at the draw.
        parents: ids of all programs the prompt showed, by position: `_v0` first.
        failures: numbers of the evaluation records of the failed attempts the prompt showed,
            ascending.
        prompt: digest of the prompt's text; empty for a starting program.
        template: digest of the template it was made from; empty for a starting program.
        reply: digest of the raw text.
        sampler: name; `seed` for the problem's own first version, `file` for one from a file.
        model: as asked for.
        served: as the endpoint named it.
        parameters: sampling parameters as sent.
        sample_seed: seed of this sample.
        prompt_tokens, completion_tokens: as reported, else None.
        cost: of the sample in US dollars, as a decimal string; empty where it is not known.
        finish: why the model stopped.
        seconds: wall time of the request.
        notes: what was dropped or moved when the text became a program.
        time: seconds since the epoch, UTC, as a decimal string.
    """

    program: Digest | None
    rejected: str
    draw: int | None
    index: int
    island: int | None
    epoch: int
    registrations: int
    parents: tuple[Digest, ...]
    prompt: Digest
    template: Digest
    reply: Digest
    sampler: str
    model: str = ""
    served: str = ""
    parameters: Mapping[str, str | int | bool | None] = field(
        default_factory=dict[str, "str | int | bool | None"]
    )
    sample_seed: int = 0
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: str = ""
    finish: str = ""
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    failures: tuple[int, ...] = ()
    time: str = ""


@dataclass(frozen=True)
class EvaluationRecord:
    """What became of a generation; every generation gets exactly one.

    Attributes:
        generation: number of the generation record.
        program: id, or None where the text held none.
        status: of the verdict.
        conditions: under which it was found; None in logs of format 2, which state them in their
            run records only.
        reply: digest of the text that held no program; empty where there is one, and in logs of
            format 2.
        score: aggregate, or None.
        scores: instance → score.
        reason: of the verdict.
        flags: of the verdict, sorted.
        tier: how it was executed; empty where nothing was run.
        confirmed: modes in which the program was run again, and came to an end, before this
            verdict was found, such as `again`; sorted.
        sandbox: layers that held the program, in the order of `evaluators.containment.LAYERS`;
            empty where nothing was run, and without `seccomp` where code that attacks could have
            reached the machine.
        seconds, cpu_seconds: of the candidate, measured outside of it.
        certificates: instance → digest of the certificate file.
        registered: whether the islands took it.
        late: whether its island had been reset since the draw, which is why they did not.
        time: seconds since the epoch, UTC, as a decimal string.
    """

    generation: int
    program: Digest | None
    status: str
    conditions: Conditions | None
    reply: Digest = ""
    score: float | None = None
    scores: Mapping[str, float] = field(default_factory=dict[str, float])
    reason: str = ""
    flags: tuple[str, ...] = ()
    tier: str = ""
    confirmed: tuple[str, ...] = ()
    sandbox: tuple[str, ...] = ()
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    certificates: Mapping[str, Digest] = field(default_factory=dict[str, Digest])
    registered: bool = False
    late: bool = False
    time: str = ""


@dataclass(frozen=True)
class ResetRecord:
    """The worse half of the islands was emptied and given founders.

    Attributes:
        number: of the reset, from 0.
        trigger: what called for it.
        registrations: how many the islands had seen.
        founders: island index → id of the program it starts from, in order of the islands.
        time: seconds since the epoch, UTC, as a decimal string.
    """

    number: int
    trigger: Literal["registrations", "seconds"]
    registrations: int
    founders: tuple[tuple[int, Digest], ...]
    time: str = ""


@dataclass(frozen=True)
class OutageRecord:
    """A sampler was asked and gave nothing, or less than it was asked for.

    No sample: it moves no search on.

    Attributes:
        draw: number of the draw whose prompt it was asked to answer.
        prompt: digest of that prompt's text.
        sampler: name.
        model: that was asked; empty where that is not known.
        reason: what the sampler said, as one line.
        retry_seconds: until it is asked again; None if it never is: the run ends of it, or others
            have answered.
        time: seconds since the epoch, UTC, as a decimal string.
    """

    draw: int
    prompt: Digest
    sampler: str
    model: str
    reason: str
    retry_seconds: float | None
    time: str = ""


@dataclass(frozen=True)
class Finding:
    """What a verification found on one instance.

    Attributes:
        instance: name.
        held_out: whether the search never saw it.
        status: of the verdict.
        score: that the problem gives, or None.
        recorded: score on record for it; None for an instance that was held out.
        checked: what the checker printed on the certificate; empty if there is none of either.
        reason: of the verdict, or what is wrong with it.
        certificate: digest of the certificate file; empty if there is none.
    """

    instance: str
    held_out: bool
    status: str
    score: float | None = None
    recorded: float | None = None
    checked: str = ""
    reason: str = ""
    certificate: Digest = ""


@dataclass(frozen=True)
class VerificationRecord:
    """A program was run again, on held-out instances too, and its certificates were checked.

    Attributes:
        program: id.
        evaluation: number of the evaluation record whose scores were compared.
        conditions: under which it was run this time.
        checker: digest of the checker's source; empty if the problem has none.
        agreed: whether all scores on record came out again, and the checker found each score
            that the problem gives, held-out instances included.
        findings: instance by instance.
        sandbox: layers that held the program.
        seconds: of the whole verification.
        time: seconds since the epoch, UTC, as a decimal string.
    """

    program: Digest
    evaluation: int
    conditions: Conditions
    checker: Digest
    agreed: bool
    findings: tuple[Finding, ...]
    sandbox: tuple[str, ...] = ()
    seconds: float = 0.0
    time: str = ""


@dataclass(frozen=True)
class RetractionRecord:
    """An earlier record is declared wrong; both are kept.

    Attributes:
        target: number of that record.
        entry: SHA-256 of its entry, so that nobody can mean another one later.
        reason: what is wrong with it.
        by: who says so, in their own words.
        time: seconds since the epoch, UTC, as a decimal string.
    """

    target: int
    entry: Digest
    reason: str
    by: str
    time: str = ""


Record = (
    RunRecord
    | GenerationRecord
    | EvaluationRecord
    | ResetRecord
    | OutageRecord
    | VerificationRecord
    | RetractionRecord
)
