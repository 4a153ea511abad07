"""Records as in-toto Statements in canonical JSON: what an outsider reads, and the log hashes.

One record has exactly one text: keys sorted, no spaces, ASCII, no floats (decimal strings), and
nothing that is None or empty. So a reader takes a text apart without much ceremony, writes the
record anew, and compares: whatever is foreign, doubled or of the wrong type shows as a difference.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

from funsearch.archive import fields
from funsearch.archive.errors import Unrecordable
from funsearch.archive.fields import Json
from funsearch.archive.forms import course, evaluation, generation, judgement
from funsearch.archive.records import (
    EvaluationRecord,
    GenerationRecord,
    OutageRecord,
    Record,
    ResetRecord,
    RetractionRecord,
    RunRecord,
    VerificationRecord,
)

ENTRY_BYTES = 65_535
"""Most bytes of a statement: an entry of a C2SP tile has a length of 16 bits."""
STATEMENT = "https://in-toto.io/Statement/v1"

_canonical = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
).encode

Write = Callable[[Any], tuple[list[Json], Json]]
Read = Callable[[list[Json], Json], Record]

_WRITERS: Mapping[type, tuple[str, Write]] = {
    GenerationRecord: (generation.KIND, generation.write),
    EvaluationRecord: (evaluation.KIND, evaluation.write),
    ResetRecord: (course.RESET, course.write_reset),
    RunRecord: (course.RUN, course.write_run),
    OutageRecord: (course.OUTAGE, course.write_outage),
    VerificationRecord: (judgement.VERIFICATION, judgement.write_verification),
    RetractionRecord: (judgement.RETRACTION, judgement.write_retraction),
}
_READERS: Mapping[str, Read] = {
    generation.KIND: generation.read,
    evaluation.KIND: evaluation.read,
    course.RESET: course.read_reset,
    course.RUN: course.read_run,
    course.OUTAGE: course.read_outage,
    judgement.VERIFICATION: judgement.read_verification,
    judgement.RETRACTION: judgement.read_retraction,
}
_NOTHING = "0" * 64


def encode(record: Record) -> bytes:
    """Return the one text of a record.

    Raises:
        Unrecordable: the record is incomplete, holds a value of a wrong type, or is too large.
    """
    kind, write = _WRITERS[type(record)]
    try:
        subject, predicate = write(record)
        text = _canonical(
            {
                "_type": STATEMENT,
                "predicate": predicate,
                "predicateType": kind,
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


def decode(data: bytes) -> Record:
    """Return the record of a text. The text may be anybody's.

    Raises:
        ValueError: it is not the one text of a record; one line says why.
    """
    if len(data) > ENTRY_BYTES:
        raise ValueError(f"has more than {ENTRY_BYTES} bytes")
    try:
        statement: Json = _parsed(data.decode("ascii"))
        if "previous" in statement:
            return _decode_format_2(statement, data)
        kind = statement["predicateType"]
        if kind not in _READERS:
            # No flaw of the log: a later version may write kinds that this one never heard of.
            raise ValueError(f"a record of kind {str(kind)[:80]}, which this version cannot read")
        record = _READERS[kind](statement["subject"], statement["predicate"])
    except Unrecordable as error:
        raise ValueError(str(error)) from None
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
        detail = f"lacks {error}" if isinstance(error, KeyError) else str(error)
        raise ValueError(f"is not a statement of this format: {_shown(detail)}") from None
    try:
        written = encode(record)
    except Unrecordable as error:
        raise ValueError(str(error)) from None
    if written != data:
        raise ValueError("is not in canonical form")
    return record


def _decode_format_2(statement: Json, data: bytes) -> Record:
    """Return the record of an entry of format 2, which is kept as it was written.

    Such an entry names the one before it, and its kinds lack what was added since. Only its
    common form is compared with its text; its values are checked by writing the record anew.
    """
    if _canonical(statement).encode() != data:
        raise ValueError("is not in canonical form")
    fields.sha256("previous", statement["previous"])
    kind, subject, predicate = (statement[key] for key in ("predicateType", "subject", "predicate"))
    match kind:
        case "urn:funsearch:evaluation:v2":
            nothing = {"sha256": _NOTHING}
            conditions = {"environment": nothing, "evaluator": nothing, "problem": nothing}
            record = evaluation.read(subject, {**predicate, "conditions": conditions})
            encode(record if record.program else replace(record, reply=_NOTHING))
            return replace(record, conditions=None, reply="")
        case "urn:funsearch:run:v1":
            added = {"packages": {"sha256": _NOTHING}, "log": "-"}
            record = course.read_run(subject, {**predicate, **added})
            encode(record)
            return replace(record, packages="", log="")
        case _:
            record = _READERS[kind](subject, predicate)
            encode(record)
            return record


def _refuse_float(text: str) -> NoReturn:
    raise ValueError(f"number {text[:40]} is not an integer")


_parsed = json.JSONDecoder(parse_float=_refuse_float, parse_constant=_refuse_float).decode


def _shown(message: object) -> str:
    """Return a message that may quote hostile text, as one bounded printable line."""
    return ascii(str(message)[:200])[1:-1]
