from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from funsearch.browser.pictures.islands import MOST_ISLANDS, Island, draw
from tests.funsearch.browser.pictures.reading import links, numbers, of_class, read, said, texts

counts = st.integers(0, 10**12)
islands = st.builds(Island, counts, counts, st.none() | numbers, counts, st.just("/p"))


@given(st.lists(islands, max_size=6), texts)
def test_any_islands_make_a_picture(made: list[Island], metric: str) -> None:
    picture = draw(made, metric=metric)
    read(picture)
    assert picture == draw(made, metric=metric)


def test_each_island_says_its_best_size_and_resets() -> None:
    root = read(draw([Island(3, 1200, 482.0, 7, "/p/x"), Island(4, 0, None, 0)], metric="size"))
    assert {"3", "482", "1,200", "7", "–"} <= set(said(root))
    assert links(root) == ["/p/x"]
    assert root[1].text == (
        "island 3: best 482; programs 1,200, resets 7. island 4: no score; programs 0, resets 0."
    )


def test_a_better_score_lies_further_on() -> None:
    root = read(draw([Island(0, 1, 1.0, 0), Island(1, 1, 2.0, 0)], metric="size"))
    low, high = (float(dot.attrib["cx"]) for dot in of_class(root, "dot"))
    assert low < high


def test_islands_beyond_the_most_are_counted_only() -> None:
    root = read(draw([Island(i, 1, 1.0, 0) for i in range(MOST_ISLANDS + 5)], metric="size"))
    assert len(of_class(root, "dot")) == MOST_ISLANDS
    assert "and 5 more" in said(root)
