"""A log as static files (C2SP tlog-tiles): hashes in tiles of 256, entries in bundles of 256."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence

from funsearch.archive.tlog import merkle

WIDTH = 256
"""Hashes of a full tile, entries of a full bundle."""
HASH_BYTES = 32
MOST_ENTRY_BYTES = 65_535

_KEPT_TILES = 64

Fetch = Callable[[str, int], bytes]
"""Path of a file of the log, and most bytes wanted → its content; FileNotFoundError if there is
none. More than was wanted may be returned up to one byte, which shows that there is more."""


class BadLog(ValueError):
    """A file of a log is not what the checkpoint says it is.

    Attributes:
        entry: number of the first entry that cannot be vouched for.
    """

    def __init__(self, message: str, entry: int) -> None:
        super().__init__(message)
        self.entry = entry


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Return the path of a hash tile."""
    return f"tile/{level}/{_numbered(index, width)}"


def bundle_path(index: int, width: int = WIDTH) -> str:
    """Return the path of a bundle of entries."""
    return f"tile/entries/{_numbered(index, width)}"


def _numbered(index: int, width: int) -> str:
    parts = [f"{index % 1000:03}"]
    while index := index // 1000:
        parts.append(f"x{index % 1000:03}")
    return "/".join(reversed(parts)) + ("" if width == WIDTH else f".p/{width}")


def partial_width(size: int, level: int) -> int:
    """Return how many hashes the partial tile at a level has for a tree of a size; 0 for none."""
    return (size >> 8 * level) % WIDTH


def levels(size: int) -> int:
    """Return how many levels of tiles a tree of a size has."""
    count = 0
    while size >> 8 * count:
        count += 1
    return count


def pack(entries: Sequence[bytes]) -> bytes:
    """Return the bundle of some entries."""
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def unpack(data: bytes) -> Iterator[bytes]:
    """Yield the entries of a bundle.

    Raises:
        ValueError: it ends within an entry.
    """
    place = 0
    while place < len(data):
        start = place + 2
        place = start + int.from_bytes(data[place:start])
        if place > len(data):
            raise ValueError("is cut off")
        yield data[start:place]


class Tree:
    """The tree of a checkpoint, read from tiles that may be anybody's.

    Nothing is believed that does not lead to the root: the partial tiles at the right edge when
    the tree is opened, every full tile when it is first used, by the hash that its parent holds.
    """

    def __init__(self, fetch: Fetch, size: int, root: bytes) -> None:
        """Open a tree.

        Raises:
            BadLog: the tiles at its edge do not lead to the root.
        """
        self.size = size
        self._fetch = fetch
        self._edge = {
            level: self._read(level, size >> 8 * (level + 1), width)
            for level in range(levels(size))
            if (width := partial_width(size, level))
        }
        self._full: OrderedDict[tuple[int, int], list[bytes]] = OrderedDict()
        if merkle.root(size, self._edge_subtree) != root:
            raise BadLog("the tiles at the edge of the tree do not lead to its root", 0)

    def subtree(self, height: int, index: int) -> bytes:
        """Return the hash of a complete subtree within the tree.

        Raises:
            BadLog: a tile is missing or not what it was.
        """
        level, rest = divmod(height, 8)
        first = index << rest
        tile = self._tile(level, first >> 8)
        start = first % WIDTH
        return merkle.complete_root(tile[start : start + (1 << rest)])

    def entries(self, bundle: int) -> list[bytes]:
        """Return the entries of a bundle, or of the part of it that belongs to the tree.

        Raises:
            BadLog: one is missing or not what it was; the first such one is named.
        """
        width = min(WIDTH, self.size - bundle * WIDTH)
        first = bundle * WIDTH
        hashes = self._tile(0, bundle)
        most = WIDTH * (MOST_ENTRY_BYTES + 2)
        data, stored = self._file(bundle_path, (bundle,), width, most, first)
        found: list[bytes] = []
        try:
            for entry in unpack(data):
                if len(found) == width:
                    raise ValueError("is followed by something else")
                if merkle.leaf_hash(entry) != hashes[len(found)]:
                    raise ValueError("is not the entry that was logged")
                found.append(entry)
                if len(found) == width < stored:
                    break
        except ValueError as error:
            raise BadLog(str(error), first + min(len(found), width - 1)) from None
        if len(found) < width:
            raise BadLog("is missing from its bundle", first + len(found))
        return found

    def leaf(self, number: int) -> bytes:
        """Return the hash of an entry."""
        return self.subtree(0, number)

    def _edge_subtree(self, height: int, index: int) -> bytes:
        level, rest = divmod(height, 8)
        start = (index << rest) % WIDTH
        return merkle.complete_root(self._edge[level][start : start + (1 << rest)])

    def _tile(self, level: int, index: int) -> list[bytes]:
        if (index + 1) * WIDTH > self.size >> 8 * level:
            return self._edge[level]
        key = (level, index)
        if (known := self._full.get(key)) is not None:
            self._full.move_to_end(key)
            return known
        tile = self._read(level, index, WIDTH)
        parent = self._tile(level + 1, index >> 8)
        if merkle.complete_root(tile) != parent[index % WIDTH]:
            first = index << 8 * (level + 1)
            raise BadLog(f"{tile_path(level, index)} is not what it was", first)
        self._full[key] = tile
        if len(self._full) > _KEPT_TILES:
            self._full.popitem(last=False)
        return tile

    def _read(self, level: int, index: int, width: int) -> list[bytes]:
        first = index << 8 * (level + 1)
        data, stored = self._file(tile_path, (level, index), width, WIDTH * HASH_BYTES, first)
        if len(data) != stored * HASH_BYTES:
            how = "cut off" if len(data) < stored * HASH_BYTES else "too long"
            raise BadLog(f"{tile_path(level, index, stored)} is {how}", first)
        return [data[i * HASH_BYTES : (i + 1) * HASH_BYTES] for i in range(width)]

    def _file(
        self, path: Callable[..., str], place: Sequence[int], width: int, most: int, first: int
    ) -> tuple[bytes, int]:
        """Fetch a file of a width, or the full one that has replaced it; return its width, too."""
        for wanted in dict.fromkeys((width, WIDTH)):
            try:
                return self._fetch(path(*place, wanted), most), wanted
            except FileNotFoundError:
                continue
        raise BadLog(f"{path(*place, width)} is missing", first)
