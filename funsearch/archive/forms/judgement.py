"""What is said later of what is on record: that it was verified, or that it is wrong."""

from __future__ import annotations

from evaluators.containment import LAYERS
from evaluators.verdict import Status
from funsearch.archive import fields
from funsearch.archive.fields import Json
from funsearch.archive.records import Finding, RetractionRecord, VerificationRecord

VERIFICATION = "urn:funsearch:verification:v1"
RETRACTION = "urn:funsearch:retraction:v1"
MOST_FINDINGS = 256
"""Instances of one verification."""
FINDING_CHARACTERS = 100
"""Of a reason, or of what a checker said: all findings must fit into one entry."""

_STATUSES = frozenset(str(status) for status in Status)


def write_verification(record: VerificationRecord) -> tuple[list[Json], Json]:
    """Return subject and predicate; ValueError if the record is incomplete or wrong."""
    if not 0 < len(record.findings) <= MOST_FINDINGS:
        raise ValueError(f"a verification has 1 to {MOST_FINDINGS} findings")
    if list(record.sandbox) != [layer for layer in LAYERS if layer in record.sandbox]:
        raise ValueError("sandbox is not a choice, in this order, of " + ", ".join(LAYERS))
    predicate = {
        "agreed": fields.flag("agreed", record.agreed),
        "checker": fields.sha256("checker", record.checker) if record.checker else None,
        "conditions": fields.conditions(record.conditions),
        "evaluation": fields.integer("evaluation", record.evaluation),
        "findings": [_finding(finding) for finding in record.findings],
        "sandbox": list(record.sandbox),
        "seconds": fields.decimal("seconds", record.seconds),
        "time": fields.timestamp(record.time),
    }
    return [fields.artifact("program", record.program)], fields.kept(predicate)


def _finding(finding: Finding) -> Json:
    if finding.status not in _STATUSES:
        raise ValueError("status is not one of " + ", ".join(sorted(_STATUSES)))
    certificate = finding.certificate
    return fields.kept(
        {
            "certificate": fields.sha256("certificate", certificate) if certificate else None,
            "checked": fields.string("checked", finding.checked, FINDING_CHARACTERS),
            "held_out": fields.flag("held_out", finding.held_out),
            "instance": fields.required("instance", finding.instance),
            "reason": fields.string("reason", finding.reason, FINDING_CHARACTERS),
            "recorded": _optional("recorded", finding.recorded),
            "score": _optional("score", finding.score),
            "status": finding.status,
        }
    )


def _optional(name: str, score: float | None) -> str | None:
    return None if score is None else fields.decimal(name, score)


def read_verification(subject: list[Json], predicate: Json) -> VerificationRecord:
    """Undo `write_verification`, for input that may be anybody's; any error of wrong JSON."""
    return VerificationRecord(
        program=subject[0]["digest"]["sha256"],
        evaluation=predicate["evaluation"],
        conditions=fields.read_conditions(predicate["conditions"]),
        checker=predicate["checker"]["sha256"] if "checker" in predicate else "",
        agreed=predicate["agreed"],
        findings=tuple(_read_finding(finding) for finding in predicate["findings"]),
        sandbox=tuple(predicate.get("sandbox", ())),
        seconds=float(predicate["seconds"]),
        time=fields.epoch_seconds(predicate.get("time", "")),
    )


def _read_finding(finding: Json) -> Finding:
    return Finding(
        instance=finding["instance"],
        held_out=finding["held_out"],
        status=finding["status"],
        score=float(finding["score"]) if "score" in finding else None,
        recorded=float(finding["recorded"]) if "recorded" in finding else None,
        checked=finding.get("checked", ""),
        reason=finding.get("reason", ""),
        certificate=finding["certificate"]["sha256"] if "certificate" in finding else "",
    )


def write_retraction(record: RetractionRecord) -> tuple[list[Json], Json]:
    """Return subject and predicate; ValueError if the record is incomplete or wrong."""
    predicate = {
        "by": fields.required("by", record.by),
        "reason": fields.text("reason", record.reason),
        "target": fields.integer("target", record.target),
        "time": fields.timestamp(record.time),
    }
    if not record.reason:
        raise ValueError("a retraction says what is wrong")
    return [fields.artifact("entry", record.entry)], fields.kept(predicate)


def read_retraction(subject: list[Json], predicate: Json) -> RetractionRecord:
    """Undo `write_retraction`, for input that may be anybody's; any error of wrong JSON."""
    return RetractionRecord(
        target=predicate["target"],
        entry=subject[0]["digest"]["sha256"],
        reason=predicate["reason"],
        by=predicate["by"],
        time=fields.epoch_seconds(predicate.get("time", "")),
    )
