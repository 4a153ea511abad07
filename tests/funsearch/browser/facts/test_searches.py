"""What is told of islands and of the best score is what the search itself held at its end."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from funsearch.browser.facts import runs
from funsearch.browser.facts.attached import Attached
from tests.funsearch.replaying.recorded import record


@pytest.mark.parametrize("every", [0, 7, 20])
def test_islands_hold_what_the_search_held(tmp_path: Path, every: int) -> None:
    state = record(tmp_path / "run", f"search.reset_registrations={every}")
    with closing(Attached.open(tmp_path / "run")) as attached:
        attached.tally.follow()
        page = runs.run(attached)
    assert state.best is not None
    assert page.card.best is not None
    assert page.card.best.score == page.course[-1].score == state.best.score
    expected = {
        number: (each.epoch, each.programs, each.best)
        for number, each in enumerate(state.search.overview())
        if each.programs
    }
    found = {each.index: (each.resets, each.size, each.best) for each in page.islands}
    assert found == expected
