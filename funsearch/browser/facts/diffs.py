"""How one source became another, line by line."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import zip_longest

from funsearch.browser.facts.attached import Attached
from funsearch.browser.facts.model import Diff, Line

MOST_BYTES = 200_000
MOST_LINES = 1000
"""Of each of two sources that are held against each other."""


def diff(attached: Attached, old: str, new: str, context: int | None = None) -> Diff:
    """Return how a program's source became another's.

    Args:
        attached: the run.
        old: id of the one before.
        new: id of the one after.
        context: lines around a change; all of them if None.
    """
    texts = [attached.text(name, MOST_BYTES) for name in (old, new)]
    for name, text in zip((old, new), texts, strict=True):
        if text.text is None:
            return Diff(old, new, (), absent=f"the source of {name[:12]}: {text.absent}")
    split = [(text.text or "").removesuffix("\n").split("\n") for text in texts]
    cut = any(text.cut for text in texts) or any(len(side) > MOST_LINES for side in split)
    lines = _lines(split[0][:MOST_LINES], split[1][:MOST_LINES])
    return Diff(old, new, tuple(lines if context is None else _around(lines, context)), cut)


def _lines(old: list[str], new: list[str]) -> list[Line]:
    """A changed line stands as `changed`, first as it was, then as it is."""
    found: list[Line] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pairs = zip(range(a, b), range(c, d), strict=True)
            found += [Line("same", i + 1, j + 1, new[j]) for i, j in pairs]
            continue
        for i, j in zip_longest(range(a, b), range(c, d)):
            both = i is not None and j is not None
            if i is not None:
                found.append(Line("changed" if both else "removed", i + 1, None, old[i]))
            if j is not None:
                found.append(Line("changed" if both else "added", None, j + 1, new[j]))
    return found


def _around(lines: list[Line], context: int) -> list[Line]:
    """Return the changes with so many lines around them; `skipped` says how many are left out."""
    near: set[int] = set()
    for place, line in enumerate(lines):
        if line.kind != "same":
            near.update(range(place - context, place + context + 1))
    found: list[Line] = []
    skipped = 0
    for place, line in enumerate(lines):
        if place not in near:
            skipped += 1
            continue
        if skipped:
            found.append(Line("skipped", None, None, str(skipped)))
            skipped = 0
        found.append(line)
    return [*found, Line("skipped", None, None, str(skipped))] if skipped else found
