"""The writer's end of the tree: takes leaf hashes, writes tiles and bundles as they fill.

Tiles need not be on the disk before a checkpoint is signed: the journal has their entries until
`sync` has made them durable.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from funsearch.archive.tlog import merkle, tiles
from funsearch.archive.tlog.tiles import HASH_BYTES, WIDTH


class Weaver:
    """A growing tree.

    Attributes:
        size: number of entries.
        durable: number of entries whose bundles are full and on the disk.
        unwritten: path → content of what a dry run would have written.
    """

    def __init__(self, folder: Path, durable: int, *, dry: bool = False) -> None:
        """Go on with a tree.

        Args:
            folder: of the log.
            durable: number of entries in full bundles, all of which are on the disk; a multiple
                of 256.
            dry: write nothing; for those who want to know a root, or read the tree all the same.

        Raises:
            ValueError: the tiles of those are not there.
            OSError: nor can they be read.
        """
        self._folder = folder
        self._dry = dry
        self.unwritten: dict[str, bytes] = {}
        self.size = self.durable = durable
        self._bundle: list[bytes] = []
        self._edge: list[list[bytes]] = [[]]
        self._dirty: set[Path] = set()
        self._written: set[str] = set()
        level = 1
        while durable >> 8 * level:
            width = tiles.partial_width(durable, level)
            full = (durable >> 8 * level) - width
            self._edge.append([self._stored(level - 1, full + i) for i in range(width)])
            level += 1

    def _stored(self, level: int, index: int) -> bytes:
        path = self._folder / tiles.tile_path(level, index)
        data = path.read_bytes()
        if len(data) != WIDTH * HASH_BYTES:
            raise ValueError(f"{path} has not {WIDTH * HASH_BYTES} bytes")
        return merkle.complete_root(
            [data[i : i + HASH_BYTES] for i in range(0, len(data), HASH_BYTES)]
        )

    def add(self, entries: Sequence[bytes], leaves: Sequence[bytes]) -> None:
        """Add entries.

        Raises:
            OSError: a tile could not be written; the tree is of no use any more.
        """
        for entry, leaf in zip(entries, leaves, strict=True):
            self._bundle.append(entry)
            self.size += 1
            if len(self._bundle) == WIDTH:
                self._write(tiles.bundle_path((self.size - 1) // WIDTH), tiles.pack(self._bundle))
                self._bundle = []
            self._push(0, leaf)

    def _push(self, level: int, found: bytes) -> None:
        if level == len(self._edge):
            self._edge.append([])
        edge = self._edge[level]
        edge.append(found)
        if len(edge) == WIDTH:
            index = (self.size >> 8 * (level + 1)) - 1
            self._write(tiles.tile_path(level, index), b"".join(edge))
            self._edge[level] = []
            self._push(level + 1, merkle.complete_root(edge))

    def root(self) -> bytes:
        """Return the root of the tree."""
        return merkle.root(self.size, self._subtree)

    def _subtree(self, height: int, index: int) -> bytes:
        level, rest = divmod(height, 8)
        start = (index << rest) % WIDTH
        return merkle.complete_root(self._edge[level][start : start + (1 << rest)])

    def write_edge(self) -> None:
        """Write the partial tiles and the partial bundle that the tree of this size has.

        Raises:
            OSError: one could not be written.
        """
        for level, edge in enumerate(self._edge):
            if edge:
                index = self.size >> 8 * (level + 1)
                self._write(tiles.tile_path(level, index, len(edge)), b"".join(edge))
        if self._bundle:
            path = tiles.bundle_path(self.size // WIDTH, len(self._bundle))
            self._write(path, tiles.pack(self._bundle))

    def mend_edge(self) -> None:
        """Make the partial files of earlier sizes what they were, where a power cut spoilt them.

        Raises:
            OSError: that failed.
        """
        size = self.size
        edges = [
            (tiles.tile_path(level, size >> 8 * (level + 1), 1), edge, b"".join)
            for level, edge in enumerate(self._edge)
        ]
        for name, items, pack in [
            *edges,
            (tiles.bundle_path(size >> 8, 1), self._bundle, tiles.pack),
        ]:
            folder = (self._folder / name).parent
            for file in sorted(folder.iterdir()) if folder.is_dir() else []:
                width = int(file.name) if file.name.isdecimal() else WIDTH
                if width > len(items):
                    file.unlink()
                elif file.read_bytes() != (data := pack(items[:width])):
                    file.write_bytes(data)

    def sync(self) -> list[bytes]:
        """Make all tiles and bundles durable, and return the entries that are in no full bundle.

        Raises:
            OSError: that failed.
        """
        folders: set[Path] = set()
        for path in self._dirty:
            _fsync(path)
            folders.update(parent for parent in path.parents if parent.is_relative_to(self._folder))
        for folder in sorted(folders, reverse=True):
            _fsync(folder)
        self._dirty.clear()
        self.durable = self.size - len(self._bundle)
        return list(self._bundle)

    def _write(self, name: str, data: bytes) -> None:
        """Write a file of the log at once or not at all; it never changes again."""
        if self._dry:
            self.unwritten[name] = data
        if self._dry or name in self._written:
            return
        path = self._folder / name
        full = not path.parent.name.endswith(".p")
        half = path.with_name(f"{path.name}.tmp")
        try:
            half.write_bytes(data)
        except FileNotFoundError:
            path.parent.mkdir(parents=True)
            half.write_bytes(data)
        half.replace(path)
        self._dirty.add(path)
        if full:
            self._remove_partial(path)
        else:
            self._written.add(name)

    def _remove_partial(self, path: Path) -> None:
        """Remove the partial files of a tile that is full now."""
        folder = path.with_name(f"{path.name}.p")
        try:
            partial = list(folder.iterdir())
        except FileNotFoundError:
            return
        for file in partial:
            file.unlink()
            self._dirty.discard(file)
            self._written.discard(str(file.relative_to(self._folder)))
        folder.rmdir()


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
