"""What an examination found: counts of what was looked at, flaws, and what is worth a word."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from funsearch.archive import files

MOST_FLAWS = 100
"""Flaws that are kept; all are counted."""
_MOST_WARNINGS = 50

_ORDER = (
    *("checkpoints", "checkpoints of others", "tiles", "bundles", "records", "programs"),
    *("programs parsed", "objects", "certificates of the best", "kept states", "index"),
)
FROM_A_COPY = "restore the folder from a copy"


@dataclass(frozen=True)
class Flaw:
    """Something that is not what was written.

    Attributes:
        file: path below the run's folder, or as the user gave it.
        what: is wrong with it; together with `file` or the record, a sentence.
        record: number of the record that is at fault, or None where only a file is.
        remedy: what to do.
        until: number of the last record that may be at fault instead, where only that is known.
    """

    file: str
    what: str
    record: int | None = None
    remedy: str = FROM_A_COPY
    until: int | None = None

    def __str__(self) -> str:
        if self.record is None:
            where = self.file
        elif self.until is None:
            where = f"record {self.record}, {self.file}:"
        else:
            where = f"one of the records {self.record} to {self.until}, {self.file}:"
        return f"{where} {self.what}; {self.remedy}"


@dataclass(frozen=True)
class Report:
    """The result of an examination.

    Attributes:
        folder: of the run.
        log: name of its log; empty where that could not be had.
        records: how many there are.
        signed: how many of them the last checkpoint covers.
        checked: what was looked at, and how many of it.
        first: the first bad record, else the first bad file, or None if all is well.
        flaws: the first ones, in the order they were found.
        count: of all flaws.
        warnings: what does not make the folder bad, a line each.
    """

    folder: Path
    log: str
    records: int
    signed: int
    checked: tuple[tuple[str, int], ...]
    first: Flaw | None
    flaws: tuple[Flaw, ...]
    count: int
    warnings: tuple[str, ...]


class Findings:
    """Takes down what is found, in bounded memory.

    Attributes:
        checked: what was looked at → how many of it.
    """

    def __init__(self) -> None:
        self.checked: Counter[str] = Counter()
        self._flaws: list[Flaw] = []
        self._first: Flaw | None = None
        self._warnings: list[str] = []
        self._count = 0
        self._altered: list[int] = []
        self._impossible: list[int] = []
        self._spoilt: list[Flaw] = []

    def flaw(
        self, file: str, what: str, record: int | None = None, remedy: str = FROM_A_COPY
    ) -> None:
        """Take down a flaw."""
        self._take(Flaw(file, what, record, remedy), wins=False)

    def altered(self, file: str, what: str, record: int, until: int | None = None) -> None:
        """Take down a record that is not what was logged, as another copy or a hash of it says."""
        self._take(Flaw(file, what, record, until=until), wins=True)
        self._altered = [*self._altered, record][:MOST_FLAWS]

    def spoilt(self, file: str, what: str, record: int | None = None) -> None:
        """Take down a tile or bundle that is wrong, while the journal has all that is in it."""
        self._spoilt.append(Flaw(file, what, record))
        del self._spoilt[MOST_FLAWS:]

    def settle(self, *, is_closed: bool) -> None:
        """Say what is spoilt is a flaw, or what a power cut leaves where a run was not closed."""
        for flaw in self._spoilt:
            if is_closed:
                self._take(flaw, wins=flaw.record is not None)
            else:
                self.warn(f"{flaw.file} {flaw.what}; the journal makes up for it")

    def impossible(self, what: str, record: int) -> None:
        """Take down a record that is none, or says what cannot be; what altered it says more."""
        self._take(Flaw(files.LOG, what, record), wins=False)
        self._impossible = [*self._impossible, record][:MOST_FLAWS]

    def _take(self, found: Flaw, *, wins: bool) -> None:
        self._count += 1
        if len(self._flaws) < MOST_FLAWS:
            self._flaws.append(found)
        if self._first is None or _order(found, wins=wins) < _order(self._first, wins=False):
            self._first = found

    def has_altered(self, start: int, end: int) -> bool:
        """Whether a record between two numbers was taken down as altered."""
        return any(start <= record < end for record in self._altered)

    def first_impossible(self, start: int, end: int) -> int:
        """Return the first record taken down as impossible between two numbers, or the last one."""
        return min((n for n in self._impossible if start <= n < end), default=end - 1)

    def warn(self, text: str) -> None:
        """Take down what is no flaw."""
        if len(self._warnings) < _MOST_WARNINGS and text not in self._warnings:
            self._warnings.append(text)

    @property
    def bad(self) -> bool:
        """Whether there is any flaw."""
        return self._count > 0

    def report(self, folder: Path, log: str, records: int, signed: int) -> Report:
        """Return all of it."""
        return Report(
            folder=folder,
            log=log,
            records=records,
            signed=signed,
            checked=tuple((name, self.checked[name]) for name in _ORDER),
            first=self._first,
            flaws=tuple(self._flaws),
            count=self._count,
            warnings=tuple(self._warnings),
        )


def _order(flaw: Flaw, *, wins: bool) -> tuple[float, bool]:
    """Records come before files, by number; one that wins comes before others of that record."""
    return (math.inf if flaw.record is None else flaw.record, not wins)
