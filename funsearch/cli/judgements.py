"""Words and JSON for what is said later of a record: that it was verified, or that it is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from funsearch.archive.records import Finding, VerificationRecord
from funsearch.archive.retractions import Retracted
from funsearch.text import number, one_line

_TOLD = 8
"""Instances of a verification that are told one by one."""


def summary(record: VerificationRecord) -> str:
    """Return a verification as one line, what contradicts the record first."""
    search = [finding for finding in record.findings if not finding.held_out]
    held_out = [finding for finding in record.findings if finding.held_out]
    if not record.agreed:
        against = [each for each in record.findings if each.reason or each.score is None]
        return "DISAGREES: " + "; ".join(
            f"{each.instance}: {one_line(each.reason or each.status)}" for each in against[:_TOLD]
        )
    checker = "checker agrees" if record.checker else "there is no checker"
    if len(search) > _TOLD:
        again = f"all {len(search)} scores"
    else:
        again = ", ".join(f"{each.instance} {number(each.score)}" for each in search)
    text = f"{again} again, {checker}"
    if held_out:
        text += f"; held out: {', '.join(_told(held_out))}"
    remarks = [f"{each.instance}: {one_line(each.reason)}" for each in search if each.reason]
    return "; but ".join([text, *remarks[:1]])


def _told(findings: Sequence[Finding]) -> list[str]:
    """Return the first findings in words; if there are many, those without a score first."""
    if len(findings) > _TOLD:
        findings = sorted(findings, key=lambda each: each.score is not None)
    words = [
        f"{each.instance} {each.status.upper() if each.score is None else number(each.score)}"
        for each in findings[:_TOLD]
    ]
    rest = len(findings) - _TOLD
    return [*words, f"… {rest} more"] if rest > 0 else words


def as_json(number: int, record: VerificationRecord) -> dict[str, Any]:
    """Return a verification as a JSON object."""
    return {
        "record": number,
        "agreed": record.agreed,
        "evaluation": record.evaluation,
        "conditions": vars(record.conditions),
        "checker": record.checker or None,
        "findings": [vars(finding) for finding in record.findings],
        "sandbox": list(record.sandbox),
        "seconds": record.seconds,
        "time": record.time,
    }


def objection(retracted: Retracted) -> str:
    """Return by whom a record is retracted, and why."""
    who, why = one_line(retracted.record.by), one_line(retracted.record.reason)
    return f"retracted by record {retracted.by} (by {who}): {why}"


def objections(retracted: Iterable[Retracted]) -> list[dict[str, Any]]:
    """Return retractions as JSON objects."""
    return [
        {
            "record": each.target,
            "retraction": each.by,
            "by": each.record.by,
            "reason": each.record.reason,
        }
        for each in retracted
    ]
