"""The text of compiled code while it is written: lines in blocks, some still to be filled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

Line: TypeAlias = "str | Block | Inline"


@dataclass
class Block:
    """Lines that are indented."""

    lines: list[Line] = field(default_factory=list["str | Block | Inline"])


@dataclass
class Inline:
    """Lines that are known later, not indented."""

    lines: list[Line] = field(default_factory=list["str | Block | Inline"])


class Code:
    """Takes lines, into the block that is open."""

    def __init__(self) -> None:
        self._open = Block()
        self._temporaries = 0

    def emit(self, *lines: Line) -> None:
        """Add lines to the open block."""
        self._open.lines += lines

    def fresh(self) -> str:
        """Return a name for a temporary variable."""
        self._temporaries += 1
        return f"t{self._temporaries}"

    def keep(self, text: str) -> str:
        """Evaluate an expression here, and return the name of its value."""
        if text.isidentifier():
            return text
        name = self.fresh()
        self.emit(f"{name} = {text}")
        return name

    @contextmanager
    def block(self) -> Iterator[Block]:
        """Take what is emitted meanwhile into a block of its own."""
        outer, self._open = self._open, Block()
        try:
            yield self._open
        finally:
            self._open = outer

    def text(self) -> str:
        """Return everything, as the body of a function."""
        return "\n".join(_rendered(self._open, 1))


def _rendered(block: Block | Inline, depth: int) -> Iterator[str]:
    for line in block.lines:
        if isinstance(line, str):
            yield "    " * depth + line
        elif isinstance(line, Inline):
            yield from _rendered(line, depth)
        else:
            yield from _rendered(line, depth + 1) if line.lines else ["    " * (depth + 1) + "pass"]
