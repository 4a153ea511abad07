"""A log of plain entries, and the files that tlog-tiles asks for, straight from its text."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from funsearch.archive.tlog import merkle
from funsearch.archive.tlog.merkle import leaf_hash
from funsearch.archive.tlog.tiles import WIDTH, bundle_path, tile_path


def entry(number: int) -> bytes:
    return b"entry %d" % number


@cache
def leaf(number: int) -> bytes:
    return leaf_hash(entry(number))


@cache
def subtree(height: int, index: int) -> bytes:
    if height == 0:
        return leaf(index)
    return merkle.node_hash(subtree(height - 1, 2 * index), subtree(height - 1, 2 * index + 1))


def root(size: int) -> bytes:
    return merkle.root(size, subtree)


def as_specified(size: int) -> dict[str, bytes]:
    """Return the files of a tree: tile n of level l holds MTH(D[(n*256 + i) * 256**l, ...])."""
    files: dict[str, bytes] = {}
    for first in range(0, size, WIDTH):
        bundle = [entry(number) for number in range(first, min(first + WIDTH, size))]
        data = b"".join(len(one).to_bytes(2) + one for one in bundle)
        files[bundle_path(first // WIDTH, len(bundle))] = data
    level = 0
    while hashes := size >> 8 * level:
        for first in range(0, hashes, WIDTH):
            part = [subtree(8 * level, i) for i in range(first, min(first + WIDTH, hashes))]
            files[tile_path(level, first // WIDTH, len(part))] = b"".join(part)
        level += 1
    return files


def stored(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
