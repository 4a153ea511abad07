"""A disk that may lose whatever no fsync has covered: two promises about names, two ways to lose.

The content of a file is safe once an fsync of the file has returned that began after the write
had. About names (of new, renamed, removed files) there are two promises. `STRICT`: a change of
names is safe once the folder has been synced; all that POSIX offers. `LENIENT`: any fsync makes
all earlier changes of names safe, and they get lost from the latest back, as in ext4's journal;
so a name may be there well before what the file should hold.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

SECTOR = 512
"""Bytes that a disk writes whole or not at all."""


class Promise(Enum):
    """When a change of names is safe."""

    STRICT = "strict"
    LENIENT = "lenient"


@dataclass(slots=True, eq=False)
class Change:
    """A write, or a change of size, that may be lost.

    Attributes:
        offset: of the data, or the new size.
        data: what was written; None for a change of size.
        finished: whether the call has returned.
    """

    offset: int
    data: bytes | None
    finished: bool = False

    def apply(self, content: bytearray) -> None:
        """Do to the content of a file what the call did."""
        end = self.offset + len(self.data or b"")
        if len(content) < end:
            content.extend(bytes(end - len(content)))
        if self.data is None:
            del content[end:]
        else:
            content[self.offset : end] = self.data

    def torn(self, draws: random.Random) -> Iterable[Change]:
        """Yield what a power cut in the midst of it may leave."""
        data = self.data or b""
        start = self.offset
        while start < self.offset + len(data):
            end = start - start % SECTOR + SECTOR
            if draws.random() < 0.5:
                yield Change(start, data[start - self.offset : end - self.offset])
            start = end


@dataclass(slots=True, eq=False)
class File:
    """What a disk has of a file, and what it may have.

    Attributes:
        safe: content that outlives the power.
        pending: changes to it since, in order.
        size: as processes see it.
        mapped: whether a process writes it through memory, so that its content is not known.
    """

    safe: bytearray = field(default_factory=bytearray)
    pending: list[Change] = field(default_factory=list[Change])
    size: int = 0
    mapped: bool = False

    def begin(self, offset: int, data: bytes | None) -> Change:
        """Take in a call that may reach the disk from now on."""
        change = Change(offset, data)
        self.pending.append(change)
        return change

    def finish(self, change: Change, written: int) -> None:
        """Take in what a call came to: so many bytes; negative if it failed."""
        if written < 0:
            self.pending.remove(change)
            return
        change.finished = True
        if change.data is None:
            self.size = change.offset
        else:
            change.data = change.data[:written]
            self.size = max(self.size, change.offset + written)

    def content(self) -> bytes:
        """Return the content as processes see it."""
        content = bytearray(self.safe)
        for change in self.pending:
            change.apply(content)
        return bytes(content)


@dataclass(slots=True, eq=False)
class Folder:
    """The names in a folder as processes see them."""

    names: dict[str, File | Folder] = field(default_factory=dict[str, "File | Folder"])


Entry = tuple[Folder, str, File | Folder | None]


@dataclass(slots=True, eq=False)
class Naming:
    """Names that change together: what they lead to, or None.

    Attributes:
        entries: the names.
        safe: under which promises it outlives the power.
    """

    entries: tuple[Entry, ...]
    safe: set[Promise] = field(default_factory=set[Promise])


@dataclass(frozen=True, slots=True)
class Covered:
    """What an fsync makes safe when it returns: changes of the file, and of names."""

    changes: tuple[Change, ...]
    namings: tuple[tuple[Naming, Promise], ...]


class Disk:
    """Files under one folder, which is on the disk from the start.

    Attributes:
        root: that folder.
    """

    def __init__(self) -> None:
        """Begin with an empty folder."""
        self.root = Folder()
        self._namings: list[Naming] = []

    def name(self, *entries: Entry) -> None:
        """Change names, all at once."""
        for folder, name, node in entries:
            if node is None:
                del folder.names[name]
            else:
                folder.names[name] = node
        self._namings.append(Naming(entries))

    def covered(self, node: File | Folder) -> Covered:
        """Return what an fsync of a file or folder covers that begins now."""
        changes = node.pending if isinstance(node, File) else ()
        strict = [
            (naming, Promise.STRICT)
            for naming in self._namings
            if any(folder is node for folder, _, _ in naming.entries)
        ]
        return Covered(
            tuple(change for change in changes if change.finished),
            (*((naming, Promise.LENIENT) for naming in self._namings), *strict),
        )

    def sync(self, node: File | Folder, covered: Covered) -> None:
        """Take in that an fsync has returned."""
        if isinstance(node, File):
            for change in covered.changes:
                change.apply(node.safe)
            node.pending = [change for change in node.pending if change not in covered.changes]
        for naming, promise in covered.namings:
            naming.safe.add(promise)

    def lose_power(self, target: Path, promise: Promise, draws: random.Random | None) -> None:
        """Write what is left of all files when the power is cut now.

        Args:
            target: folder to write them to; it must not exist.
            promise: what holds for names.
            draws: decide about each change that is not safe whether it is kept, lost or, if it is
                a write, torn; without them all are lost.
        """
        share = draws.choice([0.0, 0.5, 0.9]) if draws else 0.0
        names: dict[Folder, dict[str, File | Folder]] = {}
        for naming in self._namings:
            if promise not in naming.safe and not (draws and draws.random() < share):
                if promise is Promise.LENIENT:
                    break
                continue
            for folder, name, node in naming.entries:
                entries = names.setdefault(folder, {})
                if node is None:
                    entries.pop(name, None)
                else:
                    entries[name] = node
        _write(target, self.root, names, (draws, share) if draws else None)


def _write(
    target: Path,
    folder: Folder,
    names: dict[Folder, dict[str, File | Folder]],
    luck: tuple[random.Random, float] | None,
) -> None:
    target.mkdir()
    for name, node in names.get(folder, {}).items():
        if isinstance(node, Folder):
            _write(target / name, node, names, luck)
        else:
            (target / name).write_bytes(_left(node, luck))


def _left(file: File, luck: tuple[random.Random, float] | None) -> bytes:
    if file.mapped:
        return luck[0].randbytes(file.size) if luck else b""
    content = bytearray(file.safe)
    if luck:
        draws, share = luck
        for change in file.pending:
            chance = draws.random()
            if chance < share:
                change.apply(content)
            elif chance < (1 + share) / 2:
                for part in change.torn(draws):
                    part.apply(content)
    return bytes(content)
