"""Examines a run's folder: files, tree, signatures, records, objects, and what is derived of them.

The folder may be anybody's: no code but this project's is run, and no problem is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from funsearch.archive import files, sealed
from funsearch.archive.errors import ArchiveError
from funsearch.archive.examination import checkpoints, surroundings
from funsearch.archive.examination.beside import IndexComparison
from funsearch.archive.examination.checkpoints import Outside, Signed
from funsearch.archive.examination.contents import Contents
from funsearch.archive.examination.copies import Copies, Lines, read_journal
from funsearch.archive.examination.entries import Records
from funsearch.archive.examination.report import Findings, Report
from funsearch.archive.examination.roots import Roots
from funsearch.archive.examination.store import Store
from funsearch.archive.examination.tree import Growing, TileFiles
from funsearch.archive.log import LogReader, read_verifier
from funsearch.archive.tlog import merkle
from funsearch.archive.tlog.note import Verifier
from funsearch.archive.tlog.tiles import WIDTH

Progress = Callable[[str, int, int], None]
"""Takes what is being read, how much of it is done, and how much there is."""


def examine(
    folder: Path, others: Sequence[str] = (), progress: Progress = lambda *_: None
) -> Report:
    """Examine a run's folder.

    A run that is being written is examined as of its last checkpoint.

    Args:
        folder: of the run.
        others: files with checkpoints of the log that were kept elsewhere.
        progress: called now and then.

    Raises:
        ArchiveError: there is no run of this version.
    """
    live = files.has_writer(folder)
    report = _Examination(folder, others, progress, live=live).report()
    if report.first is not None and not live and files.has_writer(folder):
        # It came in between, and what it wrote may look like a flaw.
        return _Examination(folder, others, progress, live=True).report()
    return report


class _Examination:
    """One pass over a folder."""

    def __init__(
        self, folder: Path, others: Sequence[str], progress: Progress, *, live: bool
    ) -> None:
        files.check_format(folder)
        self._folder = folder
        self._others = others
        self._progress = progress
        self._live = live
        self._findings = Findings()

    def report(self) -> Report:
        """Do it."""
        findings, folder = self._findings, self._folder
        try:
            verifier = read_verifier(folder)
        except ArchiveError as error:
            what = str(error).removeprefix(f"{folder / files.VERIFIER} ")
            findings.flaw(files.VERIFIER, what)
            return findings.report(folder, "", 0, 0)
        # In this order, as a writer may be at work: what each one says, the next ones have.
        outside = checkpoints.read_outside(folder, self._others, verifier, findings)
        signed = checkpoints.read_signed(folder, verifier, findings, live=self._live)
        lines = read_journal(folder, findings) or Lines(signed.size, ())
        size = self._size(signed, lines)
        surroundings.check_key(folder, verifier, findings)
        with closing(IndexComparison(folder, size)) as comparison:
            self._log(verifier, signed, lines, outside, size)
            surroundings.name_strangers(folder, size, findings, live=self._live)
            self._state()
            self._index(comparison)
        if self._live:
            findings.warn(f"a writer is at work: this is as of its checkpoint of {size} records")
        return findings.report(folder, verifier.name, size, signed.size)

    def _size(self, signed: Signed, lines: Lines) -> int:
        """Return how many records there should be, and take down those that are gone."""
        findings = self._findings
        if self._live:
            return signed.size
        if lines.start > signed.shown:
            # Only after it was shown, the journal is cut.
            file = files.CHECKPOINTS if lines.start > signed.size else files.CHECKPOINT
            findings.flaw(file, f"was rolled back: {lines.start} records or more were signed")
        if lines.end < signed.size:
            has = "has something else in its line" if lines.torn else "ends before it"
            what = f"{has}, but {signed.size} records were signed"
            findings.altered(files.JOURNAL, what, lines.end)
        elif lines.refused:
            findings.altered(files.JOURNAL, "has something else in its line", lines.end)
        elif lines.torn:
            findings.warn(f"{files.JOURNAL} ends with what was never acknowledged")
        size = max(signed.size, lines.end)
        if size > signed.size:
            findings.warn(f"{size - signed.size} records are not covered by a checkpoint yet")
        return size

    def _log(
        self,
        verifier: Verifier,
        signed: Signed,
        lines: Lines,
        outside: Sequence[Outside],
        size: int,
    ) -> None:
        """Read all entries: into the tree, and as records."""
        findings, folder, live = self._findings, self._folder, self._live
        copies = Copies(folder, lines, size, signed.size, findings, live=live)
        tiles = TileFiles(folder, lines.start, signed.size, findings, live=live)
        roots = Roots(iter(signed), outside, signed.size, findings)
        records = Records(folder, copies, findings)
        tree = Growing(tiles.compare)
        with ExitStack() as stack:
            contents = self._contents(stack)
            for first in range(0, size, WIDTH):
                entries = copies.bundle(first // WIDTH)
                roots.grow(tree, [merkle.leaf_hash(entry) for entry in entries])
                for number, data in enumerate(entries, first):
                    records.take(number, data, contents)
                self._progress("records", tree.size, size)
                if len(entries) < min(WIDTH, size - first):
                    break  # what is missing was taken down, and what follows has no place
            if contents is not None:
                contents.finish()
        tree.finish()
        roots.judge(tiles.suspicions, lines.start, size)
        records.finish(verifier)
        findings.settle(is_closed=records.has_finished)
        if signed.behind and records.has_finished:
            findings.flaw(files.CHECKPOINT, "is not the last of those that are kept")
        elif signed.behind:
            findings.warn(
                f"{files.CHECKPOINT} is one behind: the writer was stopped; the next one mends it"
            )

    def _contents(self, stack: ExitStack) -> Contents | None:
        """Read all objects, and return what looks them up; None if they cannot be read."""
        path = self._folder / files.OBJECTS
        try:
            store = Store(self._folder, self._findings)
        except ArchiveError as error:
            self._findings.flaw(files.OBJECTS, str(error).removeprefix(f"{path} "))
            return None
        stack.callback(store.close)
        store.examine(lambda done, of: self._progress("objects", done, of))
        return Contents(store, self._findings)

    def _state(self) -> None:
        """See whether what was kept of the search is what the writer kept."""
        if self._live or self._findings.bad:
            return
        try:
            if sealed.read(self._folder, LogReader(self._folder)) is not None:
                self._findings.checked["kept states"] += 1
        except ArchiveError as error:
            path = self._folder / sealed.NAME
            what = str(error).removeprefix(f"{path} ")
            self._findings.flaw(sealed.NAME, what, remedy="remove it: it is a cache")

    def _index(self, comparison: IndexComparison) -> None:
        """Compare the index with what log and objects imply, if these are sound."""
        findings = self._findings
        if findings.bad:
            findings.warn(f"{files.INDEX} was not compared, as what it is made of is damaged")
            return
        if not (self._folder / files.INDEX).exists():
            findings.warn(f"{files.INDEX} is missing: whoever opens the run makes it anew")
            return
        self._progress("index", 0, 1)
        if (difference := comparison.difference()) is not None:
            what = difference.removeprefix(f"{self._folder / files.INDEX} ")
            remedy = f"`funsearch archive rebuild {self._folder}` makes it anew"
            findings.flaw(files.INDEX, f"is not what the log says: {what}", remedy=remedy)
        findings.checked["index"] += 1
