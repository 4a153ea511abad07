"""Words and JSON for what is said later of a record: that it was verified, or that it is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from funsearch.archive.judgements import Retraction, retractions, standing
from funsearch.archive.queries import ProgramRow
from funsearch.archive.reader import Reader
from funsearch.archive.records import Finding, VerificationRecord
from funsearch.text import number, one_line

_TOLD = 8
"""Instances that were held out, or that disagree, which are told one by one."""
_AGAIN = 3
"""The same for those of the search."""
_MOST_LINES = 20
"""Retractions that are told one by one."""


@dataclass(frozen=True)
class Retracted:
    """The retractions of a run.

    Attributes:
        all: of them, the latest first.
        standing: number of a record that does not stand → why.
    """

    all: Sequence[Retraction]
    standing: Mapping[int, Retraction]

    @classmethod
    def of(cls, reader: Reader) -> Retracted:
        """Return those that are on record."""
        found = retractions(reader)
        return cls(found, standing(found))

    def of_row(self, row: ProgramRow) -> list[Retraction]:
        """Return why a row does not stand: of the two records that it rests on."""
        numbers = [row.first, *([] if row.evaluation is None else [row.evaluation])]
        return [self.standing[number] for number in numbers if number in self.standing]

    def about(self, records: Collection[int]) -> list[Retraction]:
        """Return all that were ever made of some records, those taken back too."""
        return [each for each in self.all if each.record.target in records]


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
    if len(search) > _AGAIN:
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


def words(retraction: Retraction) -> str:
    """Return by whom a record is retracted, and why, and whether that was taken back."""
    who, why = one_line(retraction.record.by), one_line(retraction.record.reason)
    undone = retraction.undone_by
    verb = "is retracted" if undone is None else "was retracted"
    back = "" if undone is None else f"; record {undone} takes that back"
    return f"{verb} by record {retraction.number} (by {who}): {why}{back}"


def lines(of: Iterable[Retraction]) -> list[tuple[str, str]]:
    """Return names and values on retractions, the first of them, in order of their targets."""
    ordered = sorted(of, key=lambda each: (each.record.target, each.number))
    pairs = [(f"record {each.record.target}", words(each)) for each in ordered]
    rest = len(pairs) - _MOST_LINES
    return [*pairs[:_MOST_LINES], *([("and", f"{rest} more retractions")] if rest > 0 else [])]


def retractions_as_json(of: Iterable[Retraction]) -> list[dict[str, Any]]:
    """Return retractions as JSON objects."""
    return [
        {
            "record": each.record.target,
            "retraction": each.number,
            "by": each.record.by,
            "reason": each.record.reason,
            "undone_by": each.undone_by,
        }
        for each in of
    ]
