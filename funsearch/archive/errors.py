"""What an archive complains about; every message is one line for the user."""

from __future__ import annotations


class ArchiveError(Exception):
    """The archive cannot do what was asked; the message says what to do."""


class Damaged(ArchiveError):
    """A file of the archive is not what was written; nothing of it was skipped or repaired.

    Attributes:
        record: number of the first record that cannot be vouched for, if one is known.
    """

    def __init__(self, message: str, record: int | None = None) -> None:
        super().__init__(message)
        self.record = record


class Missing(ArchiveError):
    """What was asked for is not in the archive."""


class Unrecordable(ArchiveError):
    """A record has no statement: it is incomplete, too large, or holds what JSON cannot carry."""
