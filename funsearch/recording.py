"""Makes records: what a prompt, a sample and a verdict say, in the form the archive keeps."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from hashlib import sha256

from evaluators import identity
from evaluators.program import Program
from evaluators.verdict import REASON_BYTES
from funsearch.archive.fields import NAME_CHARACTERS
from funsearch.archive.records import (
    Conditions,
    EvaluationRecord,
    GenerationRecord,
    OutageRecord,
    ResetRecord,
)
from funsearch.judging import Judgement
from funsearch.prompts import Prompt
from funsearch.samplers.protocol import Sample, SamplerError, Unavailable
from funsearch.text import one_line


def now() -> str:
    """Return the time as records carry it: seconds since the epoch, to the millisecond."""
    return f"{time.time():.3f}"


def fit(text: str, most: int) -> str:
    """Return text of somebody else's as a record can hold it: short, and valid Unicode."""
    return text[:most].encode("utf-8", "replace").decode()


def reply_bytes(text: str) -> bytes:
    """Return a reply as it is stored; lone surrogates, which JSON can carry, survive."""
    return text.encode("utf-8", "surrogatepass")


def environment_text() -> bytes:
    """Return what the digest of an environment covers: versions, processor and all packages."""
    found = {"packages": list(identity.packages()), **identity.environment()}
    return (json.dumps(found, indent=1, sort_keys=True) + "\n").encode()


def of_sample(
    prompt: Prompt,
    index: int,
    sample: Sample,
    program: Program | None,
    rejected: str,
    notes: tuple[str, ...],
) -> GenerationRecord:
    """Return the generation record of a sample.

    Args:
        prompt: that was answered.
        index: of the sample in its draw.
        sample: as returned.
        program: that was found in it, or None.
        rejected: why there is none; empty if there is.
        notes: what was dropped or moved.
    """
    return GenerationRecord(
        program=program.id if program else None,
        rejected=fit(rejected, REASON_BYTES),
        draw=prompt.draw,
        index=index,
        island=prompt.island,
        epoch=prompt.epoch,
        registrations=prompt.registrations,
        parents=tuple(shown.program.id for shown in prompt.shown),
        prompt=prompt.digest,
        template=prompt.template,
        reply=sha256(reply_bytes(sample.text)).hexdigest(),
        sampler=sample.sampler,
        model=fit(sample.model, NAME_CHARACTERS),
        served=fit(sample.served, NAME_CHARACTERS),
        parameters=sample.parameters,
        sample_seed=sample.seed,
        prompt_tokens=sample.usage.prompt_tokens,
        completion_tokens=sample.usage.completion_tokens,
        cost=sample.cost,
        finish=fit(sample.finish, NAME_CHARACTERS),
        seconds=sample.seconds,
        notes=tuple(fit(note, REASON_BYTES) for note in notes),
        failures=prompt.failures,
        time=now(),
    )


def of_start(
    text: str, sampler: str, index: int, program: Program, notes: tuple[str, ...]
) -> GenerationRecord:
    """Return the generation record of a program the run starts from."""
    return GenerationRecord(
        program=program.id,
        rejected="",
        draw=None,
        index=index,
        island=None,
        epoch=0,
        registrations=0,
        parents=(),
        prompt="",
        template="",
        reply=sha256(reply_bytes(text)).hexdigest(),
        sampler=sampler,
        notes=notes,
        time=now(),
    )


def of_verdict(
    number: int,
    generation: GenerationRecord,
    judgement: Judgement,
    conditions: Conditions,
    certificates: Mapping[str, str],
    *,
    late: bool,
) -> EvaluationRecord:
    """Return the evaluation record of a generation.

    Args:
        number: of the generation record.
        generation: that record.
        judgement: on its program.
        conditions: under which it was found.
        certificates: instance → digest of the certificate file.
        late: whether its island was reset since the draw.
    """
    verdict = judgement.verdict
    return EvaluationRecord(
        generation=number,
        program=generation.program,
        status=verdict.status.value,
        conditions=conditions,
        reply="" if generation.program else generation.reply,
        score=verdict.score,
        scores=verdict.scores,
        reason=fit(verdict.reason, REASON_BYTES),
        flags=tuple(sorted(verdict.flags)),
        tier=verdict.tier,
        confirmed=judgement.confirmed,
        sandbox=judgement.sandbox,
        seconds=verdict.seconds,
        cpu_seconds=verdict.cpu_seconds,
        certificates=certificates,
        registered=verdict.score is not None and not late,
        late=late,
        time=now(),
    )


def of_reset(
    number: int, trigger: str, registrations: int, founders: tuple[tuple[int, str], ...]
) -> ResetRecord:
    """Return the record of a reset."""
    assert trigger in ("registrations", "seconds")
    return ResetRecord(number, trigger, registrations, founders, now())


def of_outage(
    prompt: Prompt, sampler: str, error: Unavailable | SamplerError, retry_seconds: float | None
) -> OutageRecord:
    """Return the record of a failure to answer, all of a prompt or a part of it.

    Args:
        prompt: that it was asked to answer.
        sampler: name of the run's sampler, where the error does not say whose it is.
        error: what it raised.
        retry_seconds: until it is asked again; None if it never is.
    """
    return OutageRecord(
        draw=prompt.draw,
        prompt=prompt.digest,
        sampler=fit(error.sampler or sampler, NAME_CHARACTERS),
        model=fit(error.model, NAME_CHARACTERS),
        reason=one_line(str(error), REASON_BYTES) or type(error).__name__,
        retry_seconds=retry_seconds,
        time=now(),
    )
