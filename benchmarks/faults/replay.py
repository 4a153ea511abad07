"""Does to the model of a disk what traced calls did to a folder, and compares the two at the end.

What the model does not know of, it gets wrong, and the comparison finds.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from itertools import takewhile
from pathlib import Path

from benchmarks.faults.disk import Change, Covered, Disk, File, Folder
from benchmarks.faults.trace import Call, Event, Untraceable

_OPENS = {"open": (None,), "openat": (0,)}
_NAMES = {
    **dict.fromkeys(("mkdir", "rmdir", "unlink"), (None,)),
    **dict.fromkeys(("mkdirat", "unlinkat"), (0,)),
    **dict.fromkeys(("rename", "link"), (None, None)),
    **dict.fromkeys(("renameat", "renameat2", "linkat"), (0, 2)),
}
"""Calls that change names. The numbers: which arguments are the folders their paths start from."""
_WRITES = {"write": None, "writev": None, "pwrite64": 3, "pwritev": -1}
"""Calls that write. The number: which argument says where; None: where the last one ended."""
_SIZES = ("ftruncate", "fallocate")
_SYNCS = ("fsync", "fdatasync")
_DUPLICATES = (0, 1030)
"""F_DUPFD and F_DUPFD_CLOEXEC."""
_MAP_SHARED, _PROT_WRITE = 1, 2
_SOME_DESCRIPTOR = 1 << 20
STANDARD_OUTPUT = 1


class Kind(Enum):
    """What an event means to an archive."""

    TOLD = "told"
    """Something is being told to others: by then it had happened, whatever comes later."""
    NAMED = "named"
    """Names have changed: a file was made, published or removed."""
    TIDIED = "tidied"
    """A database was written in place, out of the log of its changes."""
    SYNCING = "syncing"
    """An fsync has begun: as much as ever may be lost."""
    OTHER = "other"


@dataclass(slots=True, eq=False)
class _Opened:
    """What a descriptor stands for.

    Attributes:
        path: by which it was opened.
        node: None for what is not below the root.
        append: whether every write goes to the end.
        position: where the last read or write ended.
    """

    path: str
    node: File | Folder | None
    append: bool
    position: int = 0


@dataclass(frozen=True, slots=True)
class _Begun:
    """What the beginning of a call leaves for its end."""

    opened: _Opened
    change: Change | None = None
    covered: Covered | None = None


class Replay:
    """One folder, and the processes that write it one after the other.

    Attributes:
        disk: what the disk has of it.
        mapped: names of the files that were written through memory.
    """

    def __init__(self, root: Path) -> None:
        """Begin with an empty folder; its path is absolute, and free of links."""
        self.disk = Disk()
        self.mapped: set[str] = set()
        self._root = str(root)
        self._opened: dict[int, _Opened] = {}
        self._running: dict[Call, _Begun | None] = {}

    def apply(self, event: Event) -> Kind:
        """Take in one event, and say what it means."""
        call, result = event.call, event.result
        if result is None:
            self._running[call] = self._begin(call)
            if call.name in _WRITES and call.number(0) == STANDARD_OUTPUT:
                return Kind.TOLD
            return Kind.SYNCING if self._running[call] and call.name in _SYNCS else Kind.OTHER
        begun = self._running.pop(call)
        if begun is not None:
            return self._finish(call, begun, result)
        if result < 0:
            return Kind.OTHER
        if call.name in _NAMES:
            return self._name(call)
        self._describe(call, result)
        return Kind.OTHER

    def exit(self) -> list[Event]:
        """Take in that the process is gone; find out what became of the calls it died in.

        Returns:
            The ends of these calls, without which nobody can do the same replay again.

        Raises:
            Untraceable: the folder is not what the calls make of it.
        """
        ends = [Event(call, self._outcome(call)) for call in self._running]
        for event in ends:
            self.apply(event)
        self.forget()
        _compare(Path(self._root), self.disk.root)
        return ends

    def forget(self) -> None:
        """Take in that the process is gone, and with it what it had open."""
        self._opened.clear()

    def _begin(self, call: Call) -> _Begun | None:
        """Take in what may reach the disk before the call returns."""
        if call.name == "close":
            # Not at its end: by then another thread may have been given the same number.
            self._opened.pop(call.number(0), None)
            return None
        if call.name not in _WRITES and call.name not in _SIZES and call.name not in _SYNCS:
            return None
        opened = self._opened.get(call.number(0))
        if opened is None or opened.node is None:
            return None
        if call.name in _SYNCS:
            return _Begun(opened, covered=self.disk.covered(opened.node))
        assert isinstance(opened.node, File)
        return _Begun(opened, change=self._change(call, opened, opened.node))

    def _change(self, call: Call, opened: _Opened, file: File) -> Change:
        match call.name:
            case "ftruncate":
                return file.begin(call.number(1), None)
            case "fallocate":
                return file.begin(max(file.size, call.number(2) + call.number(3)), None)
            case "write" | "writev":
                place = file.size if opened.append else opened.position
            case _:
                place = call.number(_WRITES[call.name] or 0)
        return file.begin(place, b"".join(call.strings))

    def _finish(self, call: Call, begun: _Begun, result: int) -> Kind:
        opened, change = begun.opened, begun.change
        if begun.covered is not None and opened.node is not None and result >= 0:
            self.disk.sync(opened.node, begun.covered)
        if change is None or not isinstance(opened.node, File):
            return Kind.OTHER
        opened.node.finish(change, result)
        if result >= 0 and call.name in ("write", "writev"):
            opened.position = change.offset + result
        return Kind.TIDIED if opened.path.endswith(".db") else Kind.OTHER

    def _name(self, call: Call) -> Kind:
        places = [self._place(call, number) for number in range(len(_NAMES[call.name]))]
        folders = [folder for folder, _ in places if folder is not None]
        if len(folders) < len(places):
            return Kind.OTHER
        source, target = (folders[0], places[0][1]), (folders[-1], places[-1][1])
        node = source[0].names.get(source[1])
        match call.name:
            case "mkdir" | "mkdirat":
                self.disk.name((*source, Folder()))
            case "link" | "linkat":
                self.disk.name((*target, node))
            case "rename" | "renameat" | "renameat2":
                self.disk.name((*source, None), (*target, node))
            case _:
                self.disk.name((*source, None))
        return Kind.NAMED

    def _describe(self, call: Call, result: int) -> None:
        """Take in what a call did to the descriptors of the process."""
        match call.name:
            case "open" | "openat":
                self._open(call, result)
            case "read" | "readv" | "lseek":
                if (opened := self._opened.get(call.number(0))) is not None:
                    opened.position = result + (call.name != "lseek") * opened.position
            case "dup" | "dup2" | "dup3" | "fcntl":
                opened = self._opened.get(call.number(0))
                if opened and (call.name != "fcntl" or call.number(1) in _DUPLICATES):
                    self._opened[result] = opened
            case "mmap" if call.number(3) & _MAP_SHARED and call.number(2) & _PROT_WRITE:
                opened = self._opened.get(call.number(4))
                if opened and isinstance(opened.node, File):
                    opened.node.mapped = True
                    self.mapped.add(Path(opened.path).name)
            case _:
                pass

    def _open(self, call: Call, descriptor: int) -> None:
        path = self._path(call, 0)
        folder, name = self._place(call, 0)
        node: File | Folder | None = self.disk.root if path == self._root else None
        flags = next(text for text in call.arguments if text.startswith("O_"))
        if folder is not None:
            node = folder.names.get(name)
            if node is None:
                node = File()
                self.disk.name((folder, name, node))
            if "O_TRUNC" in flags and isinstance(node, File):
                node.finish(node.begin(0, None), 0)
        self._opened[descriptor] = _Opened(path, node, "O_APPEND" in flags)

    def _path(self, call: Call, number: int) -> str:
        """Return one of the paths of a call, from the root of the file system."""
        start = (_OPENS.get(call.name) or _NAMES[call.name])[number]
        base = "AT_FDCWD" if start is None else call.arguments[start]
        folder = os.getcwd() if base == "AT_FDCWD" else self._opened[int(base)].path  # noqa: PTH109
        return os.path.normpath(os.path.join(folder, os.fsdecode(call.strings[number])))  # noqa: PTH118

    def _place(self, call: Call, number: int) -> tuple[Folder | None, str]:
        """Return the folder of one of the paths of a call, None if it is not ours, and the name."""
        path = self._path(call, number)
        if not path.startswith(self._root + "/"):
            return None, ""
        *above, name = path[len(self._root) + 1 :].split("/")
        folder = self.disk.root
        for part in above:
            node = folder.names.get(part)
            if not isinstance(node, Folder):
                return None, ""
            folder = node
        return folder, name

    def _outcome(self, call: Call) -> int:
        """Return what a call came to that the process died in, as the folder shows."""
        begun = self._running[call]
        if begun is not None and begun.change is not None:
            there = Path(begun.opened.path).read_bytes()
            change = begun.change
            if change.data is None:
                return 0 if len(there) == change.offset else -1
            pairs = zip(there[change.offset :], change.data, strict=False)
            return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        if call.name in _OPENS or call.name in _NAMES:
            last = len(call.strings) - 1
            made = call.name in _OPENS or call.name.startswith(("mkdir", "link"))
            folder, name = self._place(call, last if made else 0)
            there = os.path.lexists(self._path(call, last if made else 0))
            if folder is not None and there != (name in folder.names):
                return _SOME_DESCRIPTOR
        return -1


def _compare(path: Path, folder: Folder) -> None:
    """Refuse a folder that is not as the model has it.

    Raises:
        Untraceable: it is not.
    """
    found = {entry.name for entry in path.iterdir()}
    if found != folder.names.keys():
        raise Untraceable(f"the trace does not explain {path}: {found ^ folder.names.keys()}")
    for name, node in folder.names.items():
        if isinstance(node, Folder):
            _compare(path / name, node)
        elif not node.mapped and node.content() != (path / name).read_bytes():
            raise Untraceable(f"the trace does not explain what is in {path / name}")
