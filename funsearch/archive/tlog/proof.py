"""Proofs as files: of an entry (C2SP tlog-proof), and of an earlier checkpoint (tlog-witness).

Made from the hashes of subtrees, written, and read back; nothing here verifies one.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from funsearch.archive.tlog import merkle, note
from funsearch.archive.tlog.merkle import Subtree
from funsearch.archive.tlog.note import NOTE_BYTES, BadNote

MOST_HASHES = 63
SUFFIX = ".tlog-proof"

_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_MOST_BYTES = 2 * NOTE_BYTES


@dataclass(frozen=True)
class Inclusion:
    """A proof that an entry is in the tree of a checkpoint.

    Attributes:
        index: number of the entry, from 0.
        hashes: from the leaf's sibling up to the child of the root.
        checkpoint: the signed note, cosignatures included, as it was found.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str

    @property
    def text(self) -> str:
        """The proof as a file."""
        return f"{_FIRST_LINE}\nindex {self.index}\n{_lines(self.hashes)}\n{self.checkpoint}"


@dataclass(frozen=True)
class Consistency:
    """A proof that the tree of a checkpoint begins with an older one; as witnesses are sent it.

    Attributes:
        old: size of the older tree.
        hashes: as in RFC 6962; none if the older tree is empty or the same.
        checkpoint: the signed note of the newer tree.
    """

    old: int
    hashes: tuple[bytes, ...]
    checkpoint: str

    @property
    def text(self) -> str:
        """The proof as a file."""
        return f"old {self.old}\n{_lines(self.hashes)}\n{self.checkpoint}"


def prove_inclusion(index: int, size: int, subtree: Subtree, checkpoint: str) -> Inclusion:
    """Return the proof that an entry is in a tree.

    Args:
        index: of the entry.
        size: of the tree.
        subtree: of the tree.
        checkpoint: signed note of a tree of that size.

    Raises:
        ValueError: the tree has no such entry.
    """
    return Inclusion(index, tuple(merkle.inclusion_proof(index, size, subtree)), checkpoint)


def prove_consistency(old: int, size: int, subtree: Subtree, checkpoint: str) -> Consistency:
    """Return the proof that a tree begins with the one of its first `old` entries.

    Args:
        old: size of the older tree.
        size: of the newer one.
        subtree: of the newer one.
        checkpoint: signed note of a tree of that size.

    Raises:
        ValueError: the older tree is larger.
    """
    return Consistency(old, tuple(merkle.consistency_proof(old, size, subtree)), checkpoint)


def parse_inclusion(text: str) -> Inclusion:
    """Read a proof of an entry; its checkpoint is not looked into, and extra data is dropped.

    Raises:
        BadNote: it is not one.
    """
    lines, checkpoint = _split(text)
    if lines.pop(0) != _FIRST_LINE:
        raise BadNote(f"the first line of the proof is not {_FIRST_LINE}")
    if lines and lines[0].startswith("extra "):
        note.base64_bytes("the extra data of the proof", lines.pop(0).removeprefix("extra "))
    index, hashes = _parse("index", lines)
    return Inclusion(index, hashes, checkpoint)


def parse_consistency(text: str) -> Consistency:
    """Read a proof of an older tree; its checkpoint is not looked into.

    Raises:
        BadNote: it is not one.
    """
    lines, checkpoint = _split(text)
    old, hashes = _parse("old", lines)
    return Consistency(old, hashes, checkpoint)


def _lines(hashes: Sequence[bytes]) -> str:
    return "".join(f"{base64.b64encode(value).decode()}\n" for value in hashes)


def _split(text: str) -> tuple[list[str], str]:
    if len(text) > _MOST_BYTES:
        raise BadNote(f"the proof has more than {_MOST_BYTES} characters")
    head, blank, checkpoint = text.partition("\n\n")
    if not blank:
        raise BadNote("the proof has no checkpoint")
    return head.split("\n"), checkpoint


def _parse(word: str, lines: list[str]) -> tuple[int, tuple[bytes, ...]]:
    """Read the line with a number, and those with the hashes."""
    if not lines or not lines[0].startswith(f"{word} "):
        raise BadNote(f"the proof has no line '{word} NUMBER'")
    if len(lines) > 1 + MOST_HASHES:
        raise BadNote(f"the proof has more than {MOST_HASHES} hashes")
    number = note.decimal(f"the {word} of the proof", lines[0].removeprefix(f"{word} "))
    return number, tuple(note.hash_bytes("a hash of the proof", line) for line in lines[1:])
