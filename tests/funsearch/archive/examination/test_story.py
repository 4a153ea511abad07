"""What records say of each other, where no file is damaged."""

from __future__ import annotations

from typing import Any

import pytest

from funsearch.archive.examination.story import Story
from funsearch.archive.statement import encode


def said(records: list[Any]) -> list[str]:
    """Return what is wrong with the last record of a log."""
    entries = [encode(record) for record in records]
    story = Story(lambda number: entries[number], minimise=False)
    found: list[str] = []
    for number, (entry, record) in enumerate(zip(entries, records, strict=True)):
        found = list(story.take(number, entry, record))
    return found


@pytest.mark.parametrize(
    ("shown", "right"), [((3,), True), ((4,), False), ((2,), False), ((1, 3), False), ((9,), False)]
)
def test_a_prompt_shows_failures_of_earlier_evaluations_only(
    make: Any, shown: tuple[int, ...], right: bool
) -> None:
    records = [
        make.run(),
        make.seed(0),
        make.generation(1, [0]),
        make.evaluation(2, 1, None),
        make.evaluation(1, 0, 5.0),
        make.generation(2, [0], failures=shown),
    ]
    assert (said(records) == []) == right
    assert right or "no evaluation of an attempt that failed" in said(records)[0]
