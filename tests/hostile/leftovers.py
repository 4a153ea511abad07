"""What a process has: its descriptors and its living descendants, orphans included."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Belongings:
    """What this process has.

    Attributes:
        descriptors: number → what it is.
        descendants: process id → its command line.
    """

    descriptors: dict[int, str]
    descendants: dict[int, str]

    def beyond(self, before: Belongings) -> list[str]:
        """Return what there is now and was not before, in words."""
        new = self.descriptors.keys() - before.descriptors.keys()
        descriptors = [f"descriptor {number}: {self.descriptors[number]}" for number in new]
        more = self.descendants.keys() - before.descendants.keys()
        return descriptors + [f"process {pid}: {self.descendants[pid]}" for pid in more]


def belongings() -> Belongings:
    """Look at this process; complete only for a subreaper."""
    descriptors: dict[int, str] = {}
    for entry in Path("/proc/self/fd").iterdir():
        # The one that lists them is gone by now.
        with contextlib.suppress(FileNotFoundError):
            descriptors[int(entry.name)] = str(entry.readlink())
    return Belongings(descriptors, _descendants())


def _descendants() -> dict[int, str]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    parents[int(entry.name)] = int(parent)
    found: dict[int, str] = {}
    pending = [os.getpid()]
    while pending:
        parent = pending.pop()
        for pid in [pid for pid, its_parent in parents.items() if its_parent == parent]:
            with contextlib.suppress(OSError):
                command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
                found[pid] = command.decode(errors="replace")[:200]
                pending.append(pid)
    return found
