"""An evaluation: the verdict on a program, and what it depends on."""

from __future__ import annotations

from evaluators.containment import LAYERS
from evaluators.pool import Mode
from evaluators.verdict import Flag, Status
from funsearch.archive import fields
from funsearch.archive.fields import Json
from funsearch.archive.records import EvaluationRecord

KIND = "urn:funsearch:evaluation:v3"
PROGRAM = "program"
REJECTED = "rejected text"

_STATUSES = frozenset(str(status) for status in Status)
_FLAGS = frozenset(str(flag) for flag in Flag)
_CHECKS = frozenset(str(mode) for mode in Mode) - {Mode.FAST}


def write(record: EvaluationRecord) -> tuple[list[Json], Json]:
    """Return subject and predicate; ValueError if the record is incomplete or wrong."""
    if record.conditions is None:
        raise ValueError("an evaluation says what its verdict depends on")
    if (record.program is None) != bool(record.reply):
        raise ValueError("an evaluation is of a program, or of a text that holds none")
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
            "conditions": fields.conditions(record.conditions),
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
        return [fields.artifact(REJECTED, record.reply)], predicate
    return [fields.artifact(PROGRAM, record.program)], predicate


def read(subject: list[Json], predicate: Json) -> EvaluationRecord:
    """Undo `write`, for input that may be anybody's; any error of wrong JSON."""
    (artifact,) = subject
    digest = artifact["digest"]["sha256"]
    score = predicate.get("score")
    return EvaluationRecord(
        generation=predicate["generation"],
        program=digest if artifact["name"] == PROGRAM else None,
        status=predicate["status"],
        conditions=fields.read_conditions(predicate["conditions"]),
        reply=digest if artifact["name"] == REJECTED else "",
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
