"""Reads files of bin packing instances in the format of the OR-Library (Beasley 1990), strictly.

The first line is the number of instances. Each then has its name, a line with the capacity, the
number of items and the fewest bins known, and one line for the size of each item.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from problems.contract import Data

_NUMBER = "[1-9][0-9]{0,8}"


@dataclass
class _Lines:
    """The lines of a file, one after the other.

    Attributes:
        path: of the file.
        lines: all of them.
        read: how many have been taken.
    """

    path: Path
    lines: list[str]
    read: int = 0

    def take(self, pattern: str, expected: str) -> list[str]:
        """Return the words of the next line, which must match."""
        line = self.lines[self.read] if self.read < len(self.lines) else None
        self.read += 1
        if line is None or re.fullmatch(rf"[ \t]*{pattern}[ \t]*", line) is None:
            found = "the end of the file" if line is None else repr(line[:40])
            raise self.wrong(f"{expected} expected, not {found}")
        return line.split()

    def wrong(self, what: str) -> ValueError:
        """Return the error that says what is wrong with the line taken last."""
        return ValueError(f"{self.path}, line {self.read}: {what}")


@lru_cache(maxsize=8)
def read(path: Path) -> Mapping[str, Data]:
    """Return name → capacity and items of every instance, in the order of the file.

    Raises:
        ValueError: it is not such a file; the message names file and line.
        OSError: it cannot be read.
    """
    lines = _Lines(path, path.read_text(encoding="ascii", errors="replace").splitlines())
    (count,) = map(int, lines.take(_NUMBER, "the number of instances"))
    instances: dict[str, Data] = {}
    for _ in range(count):
        (name,) = lines.take(r"\w+", "the name of an instance")
        if name in instances:
            raise lines.wrong(f"{name} occurs twice")
        words = lines.take(rf"{_NUMBER}[ \t]+{_NUMBER}[ \t]+{_NUMBER}", "capacity, items and bins")
        capacity, total, _ = map(int, words)
        items: list[int] = []
        for _ in range(total):
            items += map(int, lines.take(_NUMBER, "the size of an item"))
            if items[-1] > capacity:
                raise lines.wrong(f"an item of {items[-1]} for bins of {capacity}")
        instances[name] = {"capacity": capacity, "items": items}
    while lines.read < len(lines.lines):
        lines.take("", "nothing more")
    return instances
