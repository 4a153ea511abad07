"""Programs that are like a given one, by their canonical forms.

Those of the same form are found by its digest, whatever their number. Of all others a few hundred
are looked at: relatives, and those that share lines that few programs have.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain

from funsearch.archive import facts, likeness, schema
from funsearch.archive.errors import ArchiveError
from funsearch.archive.queries.model import Neighbour, Page
from funsearch.archive.queries.pages import (
    NO_FILTER,
    Filter,
    page_of,
    record_key,
    scored_record_key,
)
from funsearch.archive.queries.programs import first_of, rows_of

MOST_COMPARED = 300
"""Programs whose sources are held against the given one's."""
_MOST_OF_A_KIND = 64
"""Children, siblings, and programs that share a line: the earliest so many of each."""
_MOST_LINES = 64
"""Of the given program that are looked for."""
_SAME_FORM = "same:"

_CHILDREN = "SELECT program FROM parents WHERE parent = ? ORDER BY program LIMIT ?"
_PARENTS = "SELECT parent FROM parents WHERE program = ? AND parent IS NOT NULL ORDER BY position"
_SHARING = "SELECT rowid FROM statements WHERE statements MATCH ? ORDER BY rowid LIMIT ?"


def nearest(
    index: sqlite3.Connection,
    source_of: Callable[[str], bytes],
    name: str,
    which: Filter = NO_FILTER,
    *,
    limit: int = 20,
    after: str | None = None,
) -> Page[Neighbour]:
    """Return programs like a given one: those of the same form by age, then the likest first.

    Args:
        index: of the run.
        source_of: id of a program → its source, as `Reader.object` gives it.
        name: id of the program, which is not among them.
        which: asks for more.
        limit: most programs.
        after: see `Page`.

    Raises:
        Missing: it was never proposed, or its source is not among the objects.
        ArchiveError: its source cannot be read, or `after` is no page of this list.
    """
    first = first_of(index, name)
    source = source_of(name)
    similarities: dict[int, float] = {}

    def stream() -> Iterator[tuple[str, int]]:
        place = None
        if after is None or after.startswith(_SAME_FORM):
            start = -1 if after is None else record_key(after.removeprefix(_SAME_FORM))
            for number in _same_form(index, first, start):
                similarities[number] = 1.0
                yield f"{_SAME_FORM}{number}", number
        else:
            place = scored_record_key(after)
        compared = _compared(index, source_of, first, source)
        for similarity, number in sorted(compared, key=lambda item: (-item[0], item[1])):
            if place is None or (-similarity, number) > (-place[0], place[1]):
                similarities[number] = similarity
                yield f"{similarity!r}:{number}", number

    def read(firsts: Sequence[int]) -> Mapping[int, Neighbour]:
        return {
            row.first: Neighbour(row, similarities[row.first]) for row in rows_of(index, firsts)
        }

    return page_of(stream(), read, lambda neighbour: which.passes(neighbour.program), limit)


def _same_form(index: sqlite3.Connection, first: int, start: int) -> Iterator[int]:
    query = (
        "SELECT first FROM programs WHERE form = (SELECT form FROM programs WHERE first = ?1)"
        " AND first > ?2 AND first <> ?1 ORDER BY first"
    )
    return (number for (number,) in index.execute(query, (first, start)))


def _compared(
    index: sqlite3.Connection, source_of: Callable[[str], bytes], first: int, source: bytes
) -> Iterator[tuple[float, int]]:
    """Yield similarity and number of candidates of another form that are like it at all."""
    text = facts.text_of(source)
    form, windows = likeness.form(text), likeness.windows(text)
    candidates = [number for number in _candidates(index, first, form) if number != first]
    for row in rows_of(index, candidates[:MOST_COMPARED]):
        try:
            other = facts.text_of(source_of(row.id))
        except ArchiveError:
            continue  # what is damaged is for others to say
        if likeness.form(other).digest != form.digest:
            similarity = likeness.similarity(windows, likeness.windows(other))
            if similarity > 0:
                yield similarity, row.first


def _candidates(index: sqlite3.Connection, first: int, form: likeness.Form) -> list[int]:
    """Return relatives, then others by the lines they share, each with the weight of its rarity."""
    parents = [number for (number,) in index.execute(_PARENTS, (first,))]
    families = [index.execute(_CHILDREN, (of, _MOST_OF_A_KIND)) for of in (first, *parents)]
    relatives = [number for (number,) in chain.from_iterable(families)]
    weights: dict[int, float] = defaultdict(float)
    if schema.has_full_text():
        for checksum in sorted(form.statements)[:_MOST_LINES]:
            sharing = index.execute(_SHARING, (facts.words([checksum]), _MOST_OF_A_KIND)).fetchall()
            for (number,) in sharing:
                weights[number] += 1 / len(sharing)
    others = sorted(weights, key=lambda number: (-weights[number], number))
    return list(dict.fromkeys((*parents, *relatives, *others)))
