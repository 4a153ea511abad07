"""The tree that entries imply, and what the files of tiles say instead.

Which of the two is right, a tile or its entries, only a signed root can tell: until one is
reached, a tile that differs is a suspicion.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from funsearch.archive import files
from funsearch.archive.examination.report import Findings
from funsearch.archive.tlog import merkle, tiles
from funsearch.archive.tlog.tiles import HASH_BYTES, WIDTH

_WIDTHS = frozenset(map(str, range(1, WIDTH)))
_MOST_SUSPICIONS = 10_000


class Suspicion(NamedTuple):
    """A hash in a tile that is not what the entries below it imply.

    Attributes:
        low: number of the first entry below it.
        high: number after the last one.
        file: the tile.
        tile_end: number after the last entry below the tile when it is full.
    """

    low: int
    high: int
    file: str
    tile_end: int = 0


class Growing:
    """A tree that grows by entries' hashes, and compares each tile that becomes full."""

    def __init__(self, compare: Callable[[int, int, Sequence[bytes]], None]) -> None:
        """Begin with the empty tree.

        Args:
            compare: takes level, index and hashes of each tile.
        """
        self.size = 0
        self._compare = compare
        self._edge: list[list[bytes]] = [[]]

    def add(self, leaves: Sequence[bytes]) -> None:
        """Add the hashes of entries, none of which are beyond the tile they begin in."""
        self._edge[0].extend(leaves)
        self.size += len(leaves)
        level = 0
        while len(self._edge[level]) == WIDTH:
            self._compare(level, (self.size >> 8 * (level + 1)) - 1, self._edge[level])
            if level + 1 == len(self._edge):
                self._edge.append([])
            self._edge[level + 1].append(merkle.complete_root(self._edge[level]))
            self._edge[level] = []
            level += 1

    def finish(self) -> None:
        """Compare the tiles that are not full."""
        for level, edge in enumerate(self._edge):
            if edge:
                self._compare(level, self.size >> 8 * (level + 1), edge)

    def root(self) -> bytes:
        """Return the root of the tree as it is."""
        return merkle.root(self.size, self._subtree)

    def _subtree(self, height: int, index: int) -> bytes:
        level, rest = divmod(height, 8)
        start = (index << rest) % WIDTH
        return merkle.complete_root(self._edge[level][start : start + (1 << rest)])


class Place(NamedTuple):
    """Where a tile of hashes, or a bundle of entries, has its files.

    Attributes:
        path: of a file, by its width.
        required: how many items must be there, in one file: 256, fewer, or none.
        most: items that any file may have.
    """

    path: Callable[[int], str]
    required: int
    most: int


def widths_at(log: Path, path: Callable[[int], str]) -> list[int]:
    """Return the widths of the files there are at a place, the largest first.

    Raises:
        OSError: the folder cannot be read.
    """
    found: list[int] = []
    try:
        with os.scandir((log / path(1)).parent) as entries:
            for entry in entries:
                name = entry.name
                if name in _WIDTHS:
                    found.append(int(name))
    except FileNotFoundError:
        pass
    if os.path.lexists(log / path(WIDTH)):
        found.append(WIDTH)
    return sorted(found, reverse=True)


class TileFiles:
    """The files of hash tiles, compared with what entries imply."""

    def __init__(
        self, folder: Path, start: int, signed: int, findings: Findings, *, live: bool
    ) -> None:
        """Prepare.

        Args:
            folder: of the run.
            start: number of the first entry of the journal: later tiles can be made of that.
            signed: how many entries the last checkpoint covers: their tiles must be there.
            findings: takes down what is wrong with a file whatever the entries are.
            live: whether a writer is at work: files may come and go.
        """
        self._log = folder / files.LOG
        self._start = start
        self._signed = signed
        self._findings = findings
        self._live = live
        self.suspicions: list[Suspicion] = []

    def compare(self, level: int, index: int, hashes: Sequence[bytes]) -> None:
        """Compare the files at one place."""
        required = min(WIDTH, max(0, (self._signed >> 8 * level) - index * WIDTH))
        can_be_made = (index + 1) * WIDTH << 8 * level > self._start
        flaw = self._findings.spoilt if can_be_made else self._findings.flaw
        present: list[int] = []
        for width, file, data in self._files(level, index):
            present.append(width)
            self._findings.checked["tiles"] += 1
            self._differing(level, index, file, data, hashes)
            known = len(data) == width * HASH_BYTES
            if not known or (width > len(hashes) and not self._live):
                what = (
                    f"has {len(data)} bytes in place of {width * HASH_BYTES}"
                    if not known
                    else "holds hashes of records that are gone"
                )
                flaw(file, what)
        if required and required not in present and WIDTH not in present:
            name = f"{files.LOG}/{tiles.tile_path(level, index, required)}"
            flaw(name, "is missing")

    def _files(self, level: int, index: int) -> Iterator[tuple[int, str, bytes]]:
        def path(width: int) -> str:
            return tiles.tile_path(level, index, width)

        for width in widths_at(self._log, path):
            name = f"{files.LOG}/{path(width)}"
            try:
                yield width, name, files.read_bounded(self._log / path(width), WIDTH * HASH_BYTES)
            except FileNotFoundError:
                continue  # the writer has removed it, since the full one is there
            except OSError as error:
                self._findings.flaw(name, f"cannot be read: {error.strerror}")

    def _differing(
        self, level: int, index: int, file: str, data: bytes, hashes: Sequence[bytes]
    ) -> None:
        """Suspect the first hash that differs."""
        expected = b"".join(hashes)[: len(data)]
        if data[: len(expected)] == expected:
            return
        for place, found in enumerate(hashes):
            if data[place * HASH_BYTES : (place + 1) * HASH_BYTES] != found:
                low = (index * WIDTH + place) << 8 * level
                end = (index + 1) * WIDTH << 8 * level
                if len(self.suspicions) < _MOST_SUSPICIONS:
                    self.suspicions.append(Suspicion(low, low + (1 << 8 * level), file, end))
                return


def narrowest(suspicions: Sequence[Suspicion], start: int) -> Suspicion | None:
    """Return the suspicion that comes first, of those that hold no narrower one.

    Args:
        suspicions: any.
        start: number of the first entry that is not vouched for by a signed root.
    """
    rest = sorted(
        {s._replace(low=max(s.low, start)) for s in suspicions if s.high > start},
        key=lambda s: (s.high - s.low, s.low),
    )
    narrow: list[Suspicion] = []
    for one in rest:
        if one.high - one.low == 1 or not any(
            one.low <= other.low and other.high <= one.high for other in narrow
        ):
            narrow.append(one)
    return min(narrow, default=None)
