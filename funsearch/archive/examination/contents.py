"""The texts that records name: whether they are stored, and whether programs are in their form."""

from __future__ import annotations

from funsearch.archive import files
from funsearch.archive.examination.report import Findings
from funsearch.archive.examination.store import Store
from funsearch.archive.examination.story import needed
from funsearch.archive.records import Record

MOST_PARSED = 2_000
"""Programs that are parsed, the first ones: it takes a millisecond each. What they are is proven by
their digests; this tells whether the search, as it is now, would have written them so."""
_BATCH = 2048
_SHORT = 12


class Contents:
    """Takes down what records name, and looks it up many at once."""

    def __init__(self, store: Store, findings: Findings) -> None:
        """Prepare."""
        self._store = store
        self._findings = findings
        self._wanted: dict[str, int] = {}
        self._programs: list[tuple[int, str]] = []
        self._odd = self._first_odd = 0

    def want(self, number: int, record: Record, *, leads: bool, new: str | None) -> None:
        """Take down what a record names.

        Args:
            number: of the record.
            record: in the order of the log.
            leads: whether it is the evaluation of a new best program.
            new: its program, if that was not proposed before.
        """
        for digest in needed(record, leads=leads):
            self._wanted.setdefault(digest, number)
        if new is not None and self._findings.checked["programs parsed"] < MOST_PARSED:
            self._findings.checked["programs parsed"] += 1
            self._programs.append((number, new))
        if len(self._wanted) >= _BATCH:
            self.look_up()

    def look_up(self) -> None:
        """Look up what was taken down."""
        lacking = set(self._store.lacks(self._wanted))
        for digest in lacking:
            bad = digest in self._store.bad
            what = "is not what was stored" if bad else "is missing"
            text = f"the object {digest[:_SHORT]}, which it names, {what}"
            self._findings.flaw(files.OBJECTS, text, self._wanted[digest])
        for number, program in self._programs:
            if program not in lacking and not self._store.is_canonical(program):
                self._odd += 1
                self._first_odd = self._first_odd or number
        self._wanted.clear()
        self._programs.clear()

    def finish(self) -> None:
        """Look up the rest, and say what is odd."""
        self.look_up()
        if self._odd:
            self._findings.warn(
                f"{self._odd} programs, the first proposed in record {self._first_odd}, are not in "
                "the form that this version of the program, and of Python, gives them"
            )
