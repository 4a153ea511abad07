"""The entries of a log, from all the places where it keeps them: the journal and the bundles.

Where two copies of an entry differ, the hash in its tile says which is the good one; whether that
is what was signed is for the tree to say.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from funsearch.archive import files, journal
from funsearch.archive.errors import ArchiveError, Damaged
from funsearch.archive.examination.report import Findings
from funsearch.archive.examination.tree import widths_at
from funsearch.archive.journal import Tail
from funsearch.archive.tlog import merkle, tiles
from funsearch.archive.tlog.tiles import HASH_BYTES, MOST_ENTRY_BYTES, WIDTH

_BUNDLE_BYTES = WIDTH * (MOST_ENTRY_BYTES + 2)
_KEPT_BUNDLES = 16


@dataclass(frozen=True)
class Lines:
    """The sound lines of a journal.

    Attributes:
        start: number of the first entry.
        entries: in order.
        torn: why there are no more, where something else follows; else empty.
        refused: whether that is damage for sure, and not the work of a power cut.
    """

    start: int
    entries: Sequence[bytes]
    torn: str = ""
    refused: bool = False

    @property
    def end(self) -> int:
        """Number after the last entry."""
        return self.start + len(self.entries)

    def at(self, number: int) -> bytes | None:
        """Return an entry, or None."""
        return self.entries[number - self.start] if self.start <= number < self.end else None


def read_journal(folder: Path, findings: Findings) -> Lines | None:
    """Read a journal, also a damaged one; None if there is nothing to be had from it."""
    path = folder / files.JOURNAL
    try:
        tail = Tail(path)
    except Damaged as error:
        if error.record is not None:
            return _sound_lines(path)
        findings.flaw(files.JOURNAL, str(error).removeprefix(f"{path} "))
        return None
    except ArchiveError as error:
        findings.flaw(files.JOURNAL, str(error).removeprefix(f"{path} "))
        return None
    return Lines(tail.start, tail.entries, tail.torn)


def _sound_lines(path: Path) -> Lines | None:
    """Return the lines before the first one that is not what was written."""
    entries: list[bytes] = []
    with os.fdopen(files.open_regular(path), "rb") as file:
        first = file.readline(80)
        word = first.rpartition(b" ")[2].strip()[:16]
        start = int(word) if word.isdigit() else 0
        if first != journal.beginning(start):
            return None
        while line := file.readline(MOST_ENTRY_BYTES + 80):
            if line == journal.marker(start + len(entries)):
                continue
            if line != journal.line_of(line[65:-1]):
                break
            entries.append(line[65:-1])
    return Lines(start, entries, "a line of it is not what was written", refused=True)


class Copies:
    """The entries of a log, a bundle at a time."""

    def __init__(
        self, folder: Path, lines: Lines, size: int, signed: int, findings: Findings, *, live: bool
    ) -> None:
        """Prepare.

        Args:
            folder: of the run.
            lines: of the journal.
            size: number of entries that there should be.
            signed: how many of them the last checkpoint covers: their bundles must be there.
            findings: takes down copies that differ.
            live: whether a writer is at work: there may be more than `size`.
        """
        self._log = folder / files.LOG
        self._lines = lines
        self._size = size
        self._signed = signed
        self._findings = findings
        self._live = live
        self._recent: OrderedDict[int, list[bytes]] = OrderedDict()

    def bundle(self, index: int) -> list[bytes]:
        """Return the entries of a bundle that there are, and take down what is wrong with it.

        They are fewer than there should be if an entry is nowhere to be had.
        """
        first = index * WIDTH
        width = min(WIDTH, self._size - first)
        present = self._widths(index)
        stored = self._read(index, present[0]) if present else b""
        found = _entries(stored)
        chosen = self._chosen(index, found, width)
        self._compare(index, present, stored, chosen)
        self._recent[index] = chosen
        if len(self._recent) > _KEPT_BUNDLES:
            self._recent.popitem(last=False)
        return chosen

    def entry(self, number: int) -> bytes | None:
        """Return one entry of those before, or None if it cannot be had."""
        index, place = divmod(number, WIDTH)
        if (line := self._lines.at(number)) is not None:
            return line
        bundle = self._recent.get(index)
        if bundle is None:
            present = self._widths(index)
            stored = self._read(index, present[0]) if present else b""
            bundle = self._recent[index] = _entries(stored)
            if len(self._recent) > _KEPT_BUNDLES:
                self._recent.popitem(last=False)
        return bundle[place] if place < len(bundle) else None

    def _chosen(self, index: int, found: list[bytes], width: int) -> list[bytes]:
        first = index * WIDTH
        if first + width <= self._lines.start and len(found) >= width:
            return found[:width]
        chosen: list[bytes] = []
        for place in range(width):
            line = self._lines.at(first + place)
            copies = [copy for copy in (*found[place : place + 1], line) if copy is not None]
            if not copies:
                break
            chosen.append(self._better(index, place, copies))
            if line is not None and line != chosen[place]:
                self._findings.altered(
                    files.JOURNAL, "is not the entry that was logged", first + place
                )
        return chosen

    def _better(self, index: int, place: int, copies: Sequence[bytes]) -> bytes:
        """Return of two copies the bundle's if its hash is in the tile, else the journal's."""
        if copies[0] == copies[-1]:
            return copies[0]
        stored = self._hashes(index)[place * HASH_BYTES : (place + 1) * HASH_BYTES]
        return copies[0] if merkle.leaf_hash(copies[0]) == stored else copies[-1]

    def _hashes(self, index: int) -> bytes:
        def path(width: int) -> str:
            return tiles.tile_path(0, index, width)

        try:
            width = widths_at(self._log, path)[0]
            return files.read_bounded(self._log / path(width), WIDTH * HASH_BYTES)
        except (OSError, IndexError):
            return b""

    def _widths(self, index: int) -> list[int]:
        try:
            return widths_at(self._log, lambda width: tiles.bundle_path(index, width))
        except OSError as error:
            name = f"{files.LOG}/{tiles.bundle_path(index)}"
            self._findings.flaw(name, f"cannot be read: {error.strerror}")
            return []

    def _read(self, index: int, width: int) -> bytes:
        path = tiles.bundle_path(index, width)
        try:
            return files.read_bounded(self._log / path, _BUNDLE_BYTES)
        except FileNotFoundError:
            return b""  # nothing is missed that is had from elsewhere
        except OSError as error:
            self._findings.flaw(f"{files.LOG}/{path}", f"cannot be read: {error.strerror}")
            return b""

    def _compare(
        self, index: int, present: Sequence[int], stored: bytes, chosen: Sequence[bytes]
    ) -> None:
        """Compare all files of a bundle with the entries that were taken to be good."""
        first = index * WIDTH
        for width in present:
            name = f"{files.LOG}/{tiles.bundle_path(index, width)}"
            data = stored if width == present[0] else self._read(index, width)
            if not data and self._live:
                continue
            self._findings.checked["bundles"] += 1
            if data == tiles.pack(chosen[:width]) and width <= len(chosen):
                continue
            self._name_difference(name, first, width, _entries(data), chosen)
        required = min(WIDTH, max(0, self._signed - first))
        if required and required not in present and WIDTH not in present:
            altered = (
                self._findings.spoilt if first >= self._lines.start else self._findings.altered
            )
            altered(f"{files.LOG}/{tiles.bundle_path(index, required)}", "is missing", first)

    def _name_difference(
        self, name: str, first: int, width: int, found: Sequence[bytes], chosen: Sequence[bytes]
    ) -> None:
        """Take down the first entry of a file that is not the one chosen."""
        known = min(width, len(chosen))
        # The journal has them, so nothing of them is lost.
        altered = self._findings.spoilt if first >= self._lines.start else self._findings.altered
        for place, (entry, good) in enumerate(zip(found, chosen[:known], strict=False)):
            if entry != good:
                altered(name, "is not the entry that was logged", first + place)
                return
        if len(found) < width and (len(found) < known or not self._live):
            altered(name, "lacks the entry", first + len(found))
        elif width == known:
            self._findings.flaw(name, f"holds more than {width} entries")
        elif not self._live:
            self._findings.altered(name, "belongs to records that are gone", first + known)


def _entries(data: bytes) -> list[bytes]:
    """Return the whole entries that a bundle begins with."""
    found: list[bytes] = []
    try:
        for entry in tiles.unpack(data):
            found.append(entry)
            if len(found) > WIDTH:
                break
    except ValueError:
        pass
    return found
