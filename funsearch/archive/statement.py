"""Records as in-toto Statements in canonical JSON: what an outsider reads, and the log hashes.

One record has exactly one text: keys sorted, no spaces, ASCII, no floats (decimal strings), and
nothing that is None or empty. So a reader takes a text apart without much ceremony, writes the
record anew, and compares: whatever is foreign, doubled or of the wrong type shows as a difference.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from evaluators.containment import LAYERS
from evaluators.pool import Mode
from evaluators.verdict import Flag, Status
from funsearch.archive import fields
from funsearch.archive.errors import Unrecordable
from funsearch.archive.fields import Json
from funsearch.archive.records import (
    EvaluationRecord,
    GenerationRecord,
    Record,
    ResetRecord,
    RunRecord,
)

ENTRY_BYTES = 65_535
"""Most bytes of a statement: an entry of a C2SP tile has a length of 16 bits."""
MOST_PARENTS = 64

STATEMENT = "https://in-toto.io/Statement/v1"
GENERATION = "https://slsa.dev/provenance/v1"
EVALUATION = "urn:funsearch:evaluation:v2"
RESET = "urn:funsearch:reset:v1"
RUN = "urn:funsearch:run:v1"
_BUILD = "urn:funsearch:generation:v1"
_BUILDER = "urn:funsearch:engine:v1"

_STATUSES = frozenset(str(status) for status in Status)
_FLAGS = frozenset(str(flag) for flag in Flag)
_CHECKS = frozenset(str(mode) for mode in Mode) - {Mode.FAST}
_canonical = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
).encode


def encode(record: Record, previous: str) -> bytes:
    """Return the one text of a record at one place of a log.

    Args:
        record: what happened.
        previous: digest of the entry before.

    Raises:
        Unrecordable: the record is incomplete, holds a value of a wrong type, or is too large.
    """
    kind, write = _WRITERS[type(record)]
    try:
        subject, predicate = write(record, previous)
        text = _canonical(
            {
                "_type": STATEMENT,
                "predicate": predicate,
                "predicateType": kind,
                "previous": fields.sha256("previous", previous)["sha256"],
                "subject": subject,
            }
        ).encode()
    except (TypeError, ValueError, AttributeError) as error:
        raise Unrecordable(f"cannot be recorded: {_shown(error)}") from None
    if len(text) > ENTRY_BYTES:
        raise Unrecordable(
            f"cannot be recorded: its statement has {len(text)} bytes, the most is {ENTRY_BYTES}"
        )
    return text


def decode(data: bytes, previous: str | None = None) -> Record:
    """Return the record of a text. The text may be anybody's.

    Args:
        data: a statement.
        previous: digest of the entry before, if the caller knows it.

    Raises:
        ValueError: it is not the one text of a record at that place; one line says why.
    """
    if len(data) > ENTRY_BYTES:
        raise ValueError(f"has more than {ENTRY_BYTES} bytes")
    try:
        statement: Json = _parsed(data.decode("ascii"))
        kind = statement["predicateType"]
        stated: str = statement["previous"]
        record = _READERS[kind](statement["subject"], statement["predicate"])
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
        detail = f"lacks {error}" if isinstance(error, KeyError) else str(error)
        raise ValueError(f"is not a statement of this format: {_shown(detail)}") from None
    if previous is not None and stated != previous:
        raise ValueError("does not follow the record before it")
    try:
        written = encode(record, stated)
    except Unrecordable as error:
        raise ValueError(str(error)) from None
    if written != data:
        raise ValueError("is not in canonical form")
    return record


def _refuse_float(text: str) -> NoReturn:
    raise ValueError(f"number {text[:40]} is not an integer")


_parsed = json.JSONDecoder(parse_float=_refuse_float, parse_constant=_refuse_float).decode


def _shown(message: object) -> str:
    """Return a message that may quote hostile text, as one bounded printable line."""
    return ascii(str(message)[:200])[1:-1]


# One writer and one reader a kind; a subject and a predicate are their common form.


def _write_generation(record: GenerationRecord, _previous: str) -> tuple[list[Json], Json]:
    _refuse_incomplete(record)
    dependencies = [
        fields.artifact(f"parent {position}", parent)
        for position, parent in enumerate(record.parents)
    ]
    if record.draw is not None:
        dependencies.append(fields.artifact("prompt", record.prompt))
        dependencies.append(fields.artifact("template", record.template))
    requested = {
        "model": fields.string("model", record.model),
        "parameters": fields.scalars("parameter", record.parameters),
        "sampler": fields.string("sampler", record.sampler),
        # As text: readers that keep numbers as doubles would round 64 bits.
        "seed": str(fields.integer("sample_seed", record.sample_seed, 0, 2**64 - 1)),
    }
    decided = {
        "draw": fields.optional("draw", record.draw),
        "epoch": fields.integer("epoch", record.epoch),
        "index": fields.integer("index", record.index),
        "island": fields.optional("island", record.island),
        "registrations": fields.integer("registrations", record.registrations),
    }
    predicate = {
        "buildDefinition": fields.kept(
            {
                "buildType": _BUILD,
                "externalParameters": fields.kept(requested),
                "internalParameters": fields.kept(decided),
                "resolvedDependencies": dependencies,
            }
        ),
        "runDetails": fields.kept(
            {
                "builder": {"id": _BUILDER},
                "byproducts": [_reply(record)],
                "metadata": fields.kept({"finishedOn": fields.timestamp(record.time)}),
            }
        ),
    }
    if record.program is None:
        return [fields.artifact("rejected text", record.reply)], predicate
    return [fields.artifact("program", record.program)], predicate


def _reply(record: GenerationRecord) -> Json:
    reply = fields.artifact("reply", record.reply)
    reply["annotations"] = fields.kept(
        {
            "completion_tokens": fields.optional("completion_tokens", record.completion_tokens),
            "finish": fields.string("finish", record.finish),
            "notes": [fields.text("note", note) for note in record.notes],
            "prompt_tokens": fields.optional("prompt_tokens", record.prompt_tokens),
            "rejected": fields.text("rejected", record.rejected),
            "seconds": fields.decimal("seconds", record.seconds),
            "served": fields.string("served", record.served),
        }
    )
    return reply


def _refuse_incomplete(record: GenerationRecord) -> None:
    """Refuse an attempt whose origin could not be traced."""
    if (record.program is None) != bool(record.rejected):
        raise ValueError("a generation has either a program or a reason why there is none")
    if not record.sampler:
        raise ValueError("a generation names its sampler")
    if type(record.parents) is not tuple or len(record.parents) > MOST_PARENTS:
        raise ValueError(f"parents is not a tuple of at most {MOST_PARENTS} ids")
    if record.draw is None:
        if record.parents or record.prompt or record.template or record.island is not None:
            raise ValueError("a starting program has no parents, prompt, template or island")
    elif not (record.parents and record.prompt and record.template):
        raise ValueError("a drawn sample names its parents, prompt and template")


def _read_generation(subject: list[Json], predicate: Json) -> GenerationRecord:
    definition, details = predicate["buildDefinition"], predicate["runDetails"]
    requested, decided = definition["externalParameters"], definition["internalParameters"]
    (reply,) = details["byproducts"]
    said = reply["annotations"]
    dependencies = [
        (item["name"], item["digest"]["sha256"])
        for item in definition.get("resolvedDependencies", ())
    ]
    named = dict(dependencies)
    rejected = said.get("rejected", "")
    return GenerationRecord(
        program=None if rejected else subject[0]["digest"]["sha256"],
        rejected=rejected,
        draw=decided.get("draw"),
        index=decided["index"],
        island=decided.get("island"),
        epoch=decided["epoch"],
        registrations=decided["registrations"],
        parents=tuple(digest for name, digest in dependencies if name[:7] == "parent "),
        prompt=named.get("prompt", ""),
        template=named.get("template", ""),
        reply=reply["digest"]["sha256"],
        sampler=requested["sampler"],
        model=requested.get("model", ""),
        served=said.get("served", ""),
        parameters=requested.get("parameters", {}),
        sample_seed=int(requested["seed"]),
        prompt_tokens=said.get("prompt_tokens"),
        completion_tokens=said.get("completion_tokens"),
        finish=said.get("finish", ""),
        seconds=float(said["seconds"]),
        notes=tuple(said.get("notes", ())),
        time=fields.epoch_seconds(details.get("metadata", {}).get("finishedOn", "")),
    )


def _write_evaluation(record: EvaluationRecord, previous: str) -> tuple[list[Json], Json]:
    if record.status not in _STATUSES:
        raise ValueError("status is not one of " + ", ".join(sorted(_STATUSES)))
    if (record.score is not None) != (record.status == Status.OK):
        raise ValueError("an evaluation has a score when it is ok, and only then")
    if record.score is None and (record.scores or record.certificates):
        raise ValueError("an evaluation without a score has no scores and no certificates")
    if not _FLAGS.issuperset(record.flags) or list(record.flags) != sorted(set(record.flags)):
        raise ValueError("flags are not a sorted choice of " + ", ".join(sorted(_FLAGS)))
    if not _CHECKS.issuperset(record.confirmed) or list(record.confirmed) != sorted(
        set(record.confirmed)
    ):
        raise ValueError("confirmed is not a sorted choice of " + ", ".join(sorted(_CHECKS)))
    if list(record.sandbox) != [layer for layer in LAYERS if layer in record.sandbox]:
        raise ValueError("sandbox is not a choice, in this order, of " + ", ".join(LAYERS))
    predicate = fields.kept(
        {
            "certificates": {
                fields.string("instance", name): fields.sha256("certificate", digest)
                for name, digest in record.certificates.items()
            },
            "confirmed": [str(check) for check in record.confirmed],
            "cpu_seconds": fields.decimal("cpu_seconds", record.cpu_seconds),
            "flags": [str(flag) for flag in record.flags],
            "generation": fields.integer("generation", record.generation),
            "late": fields.flag("late", record.late),
            "reason": fields.text("reason", record.reason),
            "registered": fields.flag("registered", record.registered),
            "sandbox": list(record.sandbox),
            "score": None if record.score is None else fields.decimal("score", record.score),
            "scores": {
                fields.string("instance", name): fields.decimal("score", score)
                for name, score in record.scores.items()
            },
            "seconds": fields.decimal("seconds", record.seconds),
            "status": str(record.status),
            "tier": fields.string("tier", record.tier),
            "time": fields.timestamp(record.time),
        }
    )
    if record.program is None:
        return [fields.artifact("log", previous)], predicate
    return [fields.artifact("program", record.program)], predicate


def _read_evaluation(subject: list[Json], predicate: Json) -> EvaluationRecord:
    (artifact,) = subject
    score = predicate.get("score")
    return EvaluationRecord(
        generation=predicate["generation"],
        program=None if artifact["name"] == "log" else artifact["digest"]["sha256"],
        status=predicate["status"],
        score=None if score is None else float(score),
        scores={name: float(value) for name, value in predicate.get("scores", {}).items()},
        reason=predicate.get("reason", ""),
        flags=tuple(predicate.get("flags", ())),
        tier=predicate.get("tier", ""),
        confirmed=tuple(predicate.get("confirmed", ())),
        sandbox=tuple(predicate.get("sandbox", ())),
        seconds=float(predicate["seconds"]),
        cpu_seconds=float(predicate["cpu_seconds"]),
        certificates={
            name: value["sha256"] for name, value in predicate.get("certificates", {}).items()
        },
        registered=predicate["registered"],
        late=predicate["late"],
        time=fields.epoch_seconds(predicate.get("time", "")),
    )


def _write_reset(record: ResetRecord, _previous: str) -> tuple[list[Json], Json]:
    if record.trigger not in ("registrations", "seconds"):
        raise ValueError("trigger is neither registrations nor seconds")
    if not record.founders:
        raise ValueError("a reset names the founder of each island it emptied")
    predicate = {
        "number": fields.integer("number", record.number),
        "registrations": fields.integer("registrations", record.registrations),
        "time": fields.timestamp(record.time),
        "trigger": record.trigger,
    }
    return [
        fields.artifact(f"island {fields.integer('island', island)}", founder)
        for island, founder in record.founders
    ], fields.kept(predicate)


def _read_reset(subject: list[Json], predicate: Json) -> ResetRecord:
    return ResetRecord(
        number=predicate["number"],
        trigger=predicate["trigger"],
        registrations=predicate["registrations"],
        founders=tuple(
            (int(item["name"].removeprefix("island ")), item["digest"]["sha256"])
            for item in subject
        ),
        time=fields.epoch_seconds(predicate.get("time", "")),
    )


def _write_run(record: RunRecord, _previous: str) -> tuple[list[Json], Json]:
    if record.event not in ("started", "resumed", "finished"):
        raise ValueError("event is not one of started, resumed, finished")
    predicate = {
        "environment": fields.scalars("environment", record.environment),
        "evaluator": fields.sha256("evaluator", record.evaluator),
        "event": record.event,
        "instances": [fields.string("instance", name) for name in record.instances],
        "problem": fields.artifact(fields.string("problem", record.problem), record.problem_digest),
        "reason": fields.text("reason", record.reason),
        "seed": str(fields.integer("seed", record.seed, 0, 2**64 - 1)),
        "time": fields.timestamp(record.time),
    }
    return [fields.artifact("config.yaml", record.config)], fields.kept(predicate)


def _read_run(subject: list[Json], predicate: Json) -> RunRecord:
    return RunRecord(
        event=predicate["event"],
        problem=predicate["problem"]["name"],
        problem_digest=predicate["problem"]["digest"]["sha256"],
        instances=tuple(predicate.get("instances", ())),
        config=subject[0]["digest"]["sha256"],
        seed=int(predicate["seed"]),
        evaluator=predicate["evaluator"]["sha256"],
        environment=predicate.get("environment", {}),
        reason=predicate.get("reason", ""),
        time=fields.epoch_seconds(predicate.get("time", "")),
    )


_WRITERS: Mapping[type, tuple[str, Callable[[Any, str], tuple[list[Json], Json]]]] = {
    GenerationRecord: (GENERATION, _write_generation),
    EvaluationRecord: (EVALUATION, _write_evaluation),
    ResetRecord: (RESET, _write_reset),
    RunRecord: (RUN, _write_run),
}
_READERS: Mapping[str, Callable[[list[Json], Json], Record]] = {
    GENERATION: _read_generation,
    EVALUATION: _read_evaluation,
    RESET: _read_reset,
    RUN: _read_run,
}
