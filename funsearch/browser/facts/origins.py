"""Where each line of a source came from: followed back from parent to parent, line by line.

Of the parents that a prompt showed, a line is handed to the one whose source is most like its
child's, then, if that has no such line, to the next likest; of equally like ones the one shown
later comes first, as a sampler completes what it read last. Two sources are aligned as `difflib`
does it, blanks at the end of a line aside. A line ends its way where no parent has it: that program
brought it. An equal line elsewhere in an ancestor does not count unless it is aligned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from funsearch.archive.errors import ArchiveError
from funsearch.archive.queries import ProgramRow
from funsearch.archive.queries.programs import parents_of, rows_of
from funsearch.archive.sqlite import select_in
from funsearch.browser.facts.attached import Attached
from funsearch.browser.facts.model import Origin

MOST_PROGRAMS = 60
"""Ancestors whose sources are read for one page."""
MOST_BYTES = 1 << 20
"""Of sources that are read for one page."""
MOST_LINES = 400
"""Of a source that is aligned: what is beyond came with the program, as far as is known."""
_MOST_ALIGNED = 4_000_000
"""Pairs of lines that are held against each other for one page."""


@dataclass
class _Walk:
    attached: Attached
    sources: dict[str, Sequence[str] | None] = field(
        default_factory=dict[str, "Sequence[str] | None"]
    )
    size: int = 0
    aligned: int = 0

    def lines_of(self, name: str) -> Sequence[str] | None:
        """Return the lines of a program's source; None if they cannot be had, or not any more."""
        if name not in self.sources:
            if len(self.sources) >= MOST_PROGRAMS or self.size >= MOST_BYTES:
                return None
            try:
                data = self.attached.reader.object(name)
            except ArchiveError:
                data = None
            self.size += 0 if data is None else len(data)
            self.sources[name] = None if data is None else lines(data)
        return self.sources[name]

    def matched(self, child: Sequence[str], parent: Sequence[str]) -> Mapping[int, int] | None:
        """Return the lines of a child that a parent has, with their places there."""
        self.aligned += len(child) * len(parent)
        if self.aligned > _MOST_ALIGNED:
            return None
        matcher = SequenceMatcher(None, parent, child, autojunk=False)
        return {
            block.b + offset: block.a + offset
            for block in matcher.get_matching_blocks()
            for offset in range(block.size)
        }


def lines(source: bytes) -> list[str]:
    """Return the lines that are aligned."""
    text = source.decode("utf-8", "replace")
    return [line.rstrip() for line in text.split("\n")[:MOST_LINES]]


def origins(attached: Attached, row: ProgramRow, shown: int) -> tuple[Origin, ...]:
    """Return where the lines of a program's source came from.

    Args:
        attached: the run.
        row: of the program.
        shown: how many lines there are.
    """
    walk = _Walk(attached)
    top = walk.lines_of(row.id) or ()
    ends: dict[int, tuple[int, bool]] = {}
    # Lines on their way: program → place there → lines of the program at the top.
    ways: dict[int, dict[int, list[int]]] = {row.first: {at: [at] for at in range(len(top))}}
    while ways:
        # An ancestor was proposed earlier, so with the latest first each is met once.
        first = max(ways)
        carried = ways.pop(first)
        for at, handed, certain in _handed(walk, first, list(carried)):
            for line in carried[at]:
                if handed is None:
                    ends[line] = (first, certain)
                else:
                    ways.setdefault(handed[0], {}).setdefault(handed[1], []).append(line)
    firsts = sorted({first for first, _ in ends.values()} | {row.first})
    rows = {each.first: each for each in rows_of(attached.reader.index, firsts)}
    found: list[Origin] = []
    for line in range(shown):
        first, certain = ends.get(line, (row.first, False))
        by = rows[first]
        found.append(Origin(by.id, by.sampler, by.score, by.generation, certain))
    return tuple(found)


def _handed(
    walk: _Walk, first: int, places: list[int]
) -> list[tuple[int, tuple[int, int] | None, bool]]:
    """Return for each line of a program the parent and place that has it, or None: it ends here."""
    index = walk.attached.reader.index
    (row,) = rows_of(index, [first])
    own = walk.lines_of(row.id)
    parents = list(dict.fromkeys(reversed(parents_of(index, [first]).get(first, ())[-16:])))
    query = "SELECT lower(hex(id)), first FROM programs WHERE id IN"
    firsts = dict(select_in(index, query, [bytes.fromhex(name) for name in parents]))
    matches: list[tuple[int, Mapping[int, int]]] = []
    certain = own is not None
    for name in parents:
        number = firsts.get(name)
        source = walk.lines_of(name) if own is not None and (number or first) < first else None
        matched = None if source is None or own is None else walk.matched(own, source)
        if matched is None or number is None:
            certain = False
            continue
        matches.append((number, matched))
    matches.sort(key=lambda match: -len(match[1]))
    found: list[tuple[int, tuple[int, int] | None, bool]] = []
    for at in places:
        handed = next(((number, to[at]) for number, to in matches if at in to), None)
        found.append((at, handed, certain))
    return found
