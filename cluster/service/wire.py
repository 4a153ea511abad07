"""Prompts, samples and facts as messages, and back. What comes in is checked here."""

from __future__ import annotations

from collections.abc import Mapping

from cluster.proto import programs_pb2 as pb
from evaluators.program import Program
from funsearch import recording
from funsearch.archive.errors import Unrecordable
from funsearch.archive.queries import ProgramRow
from funsearch.archive.statement import encode
from funsearch.loop import Progress
from funsearch.prompts import Prompt, Shown
from funsearch.samplers.protocol import Sample, Usage

TEXT_BYTES = 1 << 20
"""Longest reply that is taken."""
_MOST_PARAMETERS = 64
_MOST_TOKENS = 1 << 40
"""More tokens than any model reads and writes for one sample."""
_OWN = frozenset({"client", "submission"})
"""Parameters that say who sent a sample: the server's to set."""
_RESERVED = frozenset({"", "seed", "file"})
"""Names of samplers that records give another meaning."""

Scalar = str | int | bool | None


class Malformed(ValueError):
    """A message cannot be what it says; the text is one line and quotes nothing of it."""


def of_prompt(prompt: Prompt) -> pb.Prompt:
    """Return a prompt as a message."""
    return pb.Prompt(
        draw=prompt.draw,
        island=prompt.island,
        epoch=prompt.epoch,
        registrations=prompt.registrations,
        shown=[
            pb.Shown(
                function=shown.program.name,
                source=shown.program.source,
                score=shown.score,
                scores=shown.scores,
            )
            for shown in prompt.shown
        ],
        header=prompt.header,
        text=prompt.text,
        template=prompt.template,
        digest=prompt.digest,
        style=prompt.style,
        system=prompt.system,
        failures=prompt.failures,
    )


def to_prompt(message: pb.Prompt) -> Prompt:
    """Return the prompt of a message.

    Raises:
        Malformed: it shows no program, or has another style than there is.
    """
    if not message.shown:
        raise Malformed("a prompt shows no program")
    if message.style not in ("completion", "chat"):
        raise Malformed("a prompt has a style that this version does not know")
    return Prompt(
        draw=message.draw,
        island=message.island,
        epoch=message.epoch,
        registrations=message.registrations,
        shown=tuple(
            Shown(Program(one.function, one.source), one.score, dict(one.scores))
            for one in message.shown
        ),
        header=message.header,
        text=message.text,
        template=message.template,
        digest=message.digest,
        style="chat" if message.style == "chat" else "completion",
        system=message.system,
        failures=tuple(message.failures),
    )


def of_sample(sample: Sample) -> pb.Sample:
    """Return a sample as a message; half surrogate pairs, which it cannot carry, become `?`."""
    return pb.Sample(
        text=sample.text.encode("utf-8", "replace").decode(),
        sampler=sample.sampler,
        model=sample.model,
        served=sample.served.encode("utf-8", "replace").decode(),
        parameters={name: _value(value) for name, value in sample.parameters.items()},
        seed=sample.seed,
        prompt_tokens=sample.usage.prompt_tokens,
        completion_tokens=sample.usage.completion_tokens,
        finish=sample.finish.encode("utf-8", "replace").decode(),
        seconds=sample.seconds,
        error=sample.error.encode("utf-8", "replace").decode(),
        cost=sample.cost,
    )


def to_sample(message: pb.Sample, prompt: Prompt, client: str, submission: bytes) -> Sample:
    """Return the sample of a message, with who sent it among its parameters.

    Raises:
        Malformed: it could not be recorded, or claims what is not a client's to say.
    """
    if len(message.text.encode()) > TEXT_BYTES:
        raise Malformed(f"a text has more than {TEXT_BYTES} bytes")
    if message.sampler in _RESERVED:
        raise Malformed("a sample needs the name of its sampler, which is not seed or file")
    if len(message.parameters) > _MOST_PARAMETERS:
        raise Malformed(f"a sample has more than {_MOST_PARAMETERS} parameters")
    given = {name: _scalar(value) for name, value in message.parameters.items()}
    if _OWN & given.keys():
        raise Malformed("the parameters client and submission are the server's to set")
    sample = Sample(
        text=message.text,
        sampler=message.sampler,
        model=message.model,
        served=message.served,
        parameters={**given, "client": client, "submission": submission.hex()},
        seed=message.seed,
        usage=Usage(
            _tokens(message.prompt_tokens) if message.HasField("prompt_tokens") else None,
            _tokens(message.completion_tokens) if message.HasField("completion_tokens") else None,
        ),
        finish=message.finish,
        seconds=message.seconds,
        error=message.error,
        cost=message.cost,
    )
    try:
        # The archive's own rules: what passes here does not end the run there.
        encode(recording.of_sample(prompt, 0, sample, None, "tried out", ()))
    except Unrecordable as error:
        raise Malformed(str(error)) from None
    return sample


def of_progress(progress: Progress, waiting: int, leases: int) -> pb.Progress:
    """Return a run at a glance as a message."""
    best = progress.best
    return pb.Progress(
        seconds=progress.seconds,
        samples=progress.samples,
        evaluations=progress.evaluations,
        waiting=progress.waiting,
        best=None if best is None else best.score,
        best_program="" if best is None else best.program,
        verdicts=progress.verdicts,
        outages=progress.outages,
        tokens=progress.spending.tokens,
        prompts_waiting=waiting,
        leases=leases,
        islands=[
            pb.Island(best=island.best if island.programs else None, programs=island.programs)
            for island in progress.islands
        ],
    )


def of_row(row: ProgramRow, parents: tuple[str, ...], source: str = "") -> pb.ProgramFacts:
    """Return what is on record of a program as a message."""
    return pb.ProgramFacts(
        id=row.id,
        source=source,
        record=row.first,
        status=row.status,
        score=row.score,
        sampler=row.sampler,
        model=row.model,
        parents=parents,
    )


def _tokens(count: int) -> int:
    if not 0 <= count <= _MOST_TOKENS:
        raise Malformed(f"a count of tokens is not from 0 to {_MOST_TOKENS}")
    return count


def _value(value: Scalar) -> pb.Value:
    match value:
        case None:
            return pb.Value()
        case bool():
            return pb.Value(flag=value)
        case int():
            return pb.Value(integer=value)
        case str():
            return pb.Value(text=value.encode("utf-8", "replace").decode())


def _scalar(value: pb.Value) -> Scalar:
    kinds: Mapping[str | None, Scalar] = {
        "text": value.text,
        "integer": value.integer,
        "flag": value.flag,
    }
    return kinds.get(value.WhichOneof("kind"))
