"""Where a record is not the one that was made again: which one, and what differs, in one line."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields

from funsearch.archive.records import Record
from funsearch.text import one_line

_CHARACTERS = 100
"""Of a value that is shown."""
_NOT_DERIVED = frozenset({"time"})
"""Fields that follow from nothing else on record."""


class Differs(Exception):
    """A record is not the one that follows from those before it; the message says why.

    Attributes:
        record: its number.
        what: what differs, in one line.
    """

    def __init__(self, record: int, what: str) -> None:
        what = one_line(what, 1000)
        super().__init__(f"record {record}: {what}")
        self.record = record
        self.what = what


def compare(number: int, made: Record, given: Record, believed: Collection[str] = ()) -> None:
    """Return if a record is the one that was made again.

    Args:
        number: of the record.
        made: again.
        given: by the log.
        believed: names of the fields that cannot be made again.

    Raises:
        Differs: it is not.
    """
    names = [
        field.name
        for field in fields(made)
        if getattr(made, field.name) != getattr(given, field.name)
        and field.name not in _NOT_DERIVED
        and field.name not in believed
    ]
    if names:
        said, found = (_shown(getattr(record, names[0])) for record in (given, made))
        others = f" (and {', '.join(names[1:])} differ)" if names[1:] else ""
        raise Differs(number, f"{names[0]} is {said}, and the replay gives {found}{others}")


def _shown(value: object) -> str:
    return one_line(repr(value), _CHARACTERS)
