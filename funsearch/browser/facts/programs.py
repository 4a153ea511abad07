"""The table of programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from funsearch.archive.queries import listing
from funsearch.archive.queries.listing import Asked
from funsearch.browser.facts.attached import Attached
from funsearch.browser.facts.model import Choice, Count, Facet, Programs, Question
from funsearch.browser.facts.tally import Counts, names

MOST_CHOICES = 50
"""Values of a facet: those that the most programs have."""
_PARTS = ("island", "sampler", "model", "status", "tier")


def page(attached: Attached, question: Question) -> Programs:
    """Return a page of the table.

    Raises:
        ArchiveError: a part of the question is no such thing.
    """
    index = attached.reader.index
    asked = Asked(
        question.text,
        question.island,
        question.sampler,
        question.model,
        question.status,
        question.tier,
        question.review,
    )
    tally = attached.tally
    counted = tally.counts.upto >= tally.size()
    by_part = _counted(tally.counts, names(index))
    known = _known(by_part, tally.counts.programs, question) if counted else None
    found = listing.listed(
        index,
        attached.metric.direction,
        asked,
        question.sort,
        limit=question.limit,
        after=question.after,
        before=question.before,
        counting=known is None,
    )
    return Programs(
        run=attached.name,
        metric=attached.metric,
        question=question,
        rows=found.rows,
        count=Count(found.count, found.counted) if known is None else Count(known),
        facets=(*_facets(by_part, counted=counted), _reviews(attached)),
        after=found.after,
        before=found.before,
        examined_all=found.examined_all,
    )


def _counted(counts: Counts, words: Mapping[int, str]) -> Mapping[str, Counter[str]]:
    """Return how many programs there are of each value of each part."""
    by_part = {part: Counter[str]() for part in _PARTS}
    for island, number in counts.by_island.copy().items():
        by_part["island"]["-1" if island is None else str(island)] += number
    for key, number in counts.by_sampler.copy().items():
        by_part["sampler"][words.get(key, "")] += number
    for key, number in counts.by_model.copy().items():
        by_part["model"][words.get(key, "")] += number
    for (status, tier), number in counts.by_verdict.copy().items():
        by_part["status"][status] += number
        by_part["tier"][words.get(tier, "")] += number
    return by_part


def _known(by_part: Mapping[str, Counter[str]], programs: int, question: Question) -> int | None:
    """Return how many pass, where that is counted already: if one part at most is asked for."""
    asked = [part for part in _PARTS if getattr(question, part) is not None]
    if question.text.strip() or question.review is not None or len(asked) > 1:
        return None
    if question.sort in ("best", "worst"):
        return by_part["status"]["ok"] if not asked else None
    return by_part[asked[0]][str(getattr(question, asked[0]))] if asked else programs


def _facets(by_part: Mapping[str, Counter[str]], *, counted: bool) -> list[Facet]:
    facets: list[Facet] = []
    for part, counter in by_part.items():
        shown = sorted(
            ((value, number) for value, number in counter.items() if number > 0),
            key=lambda item: (-item[1], item[0]),
        )
        choices = [Choice(value, Count(number, counted)) for value, number in shown[:MOST_CHOICES]]
        if part == "island":
            choices.sort(key=lambda choice: int(choice.value))
        facets.append(Facet(part, tuple(choices), len(shown) > MOST_CHOICES))
    return facets


def _reviews(attached: Attached) -> Facet:
    found: list[Choice] = []
    for review in listing.REVIEWS:
        number, exact = listing.reviewed(attached.reader.index, review)
        if number:
            found.append(Choice(review, Count(number, exact)))
    return Facet("review", tuple(found))
