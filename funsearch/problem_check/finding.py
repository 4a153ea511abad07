"""What a check of a problem found: one line of its table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warn"
    """Works, and a person should know it."""
    FAIL = "FAIL"
    """A score of this problem cannot be trusted, or a run of it would stop."""


@dataclass(frozen=True)
class Finding:
    """One line of the table.

    Attributes:
        check: what was looked at.
        result: how that ended.
        detail: figures, or what is wrong and with which certificate; may hold hostile text.
    """

    check: str
    result: Result
    detail: str
