from __future__ import annotations

import math
from itertools import pairwise
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from funsearch.browser.pictures.curve import MOST_LINKS, Curve, Level, Step, draw
from tests.funsearch.browser.pictures.reading import (
    SVG,
    links,
    numbers,
    of_class,
    read,
    said,
    texts,
)

steps = st.lists(st.builds(Step, numbers, numbers, st.just("/p"), texts), max_size=8)
curves = st.lists(st.builds(Curve, texts, steps, numbers), max_size=6)
kinds = st.sampled_from(["best known", "proven bound"])
levels = st.lists(st.builds(Level, kinds, numbers), max_size=3)
axes = st.sampled_from(["samples", "seconds"])


def rising(count: int, factor: float = 1.5) -> Curve:
    made = [Step(factor**i, 100.0 + i, f"/p/{i}", f"id{i}") for i in range(count)]
    return Curve("run", made, factor**count)


def points(picture: str, place: int = 0) -> list[tuple[float, float]]:
    (line,) = of_class(read(picture), f"line{place}")
    pairs = [pair.split(",") for pair in line.attrib["points"].split()]
    return [(float(x), float(y)) for x, y in pairs]


@given(curves, levels, axes, texts, st.sampled_from([None, True, False]))
def test_any_numbers_and_names_make_a_picture(
    drawn: list[Curve],
    known: list[Level],
    along: Literal["samples", "seconds"],
    metric: str,
    log: bool | None,
) -> None:
    picture = draw(drawn, known, along=along, metric=metric, log=log)
    read(picture)
    assert picture == draw(drawn, known, along=along, metric=metric, log=log)


def test_a_step_goes_right_and_then_up() -> None:
    curve = Curve("run", [Step(0, 1.0), Step(50, 2.0)], 100)
    drawn = points(draw([curve], along="samples", metric="size", log=False))
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = drawn
    assert x0 < x1 == x2 < x3
    assert y0 == y1 > y2 == y3


def test_where_most_steps_are_early_the_axis_is_logarithmic() -> None:
    assert "samples, logarithmic" in said(read(draw([rising(20)], along="samples", metric="size")))
    even = Curve("run", [Step(100.0 * i, i) for i in range(20)], 2000)
    assert "samples" in said(read(draw([even], along="samples", metric="size")))


def test_ticks_of_time_are_those_of_a_clock() -> None:
    curve = Curve("run", [Step(0, 1.0), Step(3000, 2.0)], 7200)
    words = said(read(draw([curve], along="seconds", metric="size", log=False)))
    assert [w for w in words if w.endswith(("min", " h"))] == ["15 min", "30 min", "45 min"] + [
        f"{h} h" for h in ("1", "1.25", "1.5", "1.75", "2")
    ]


def test_a_level_near_the_curve_is_a_line_and_one_far_off_is_named_only() -> None:
    near, far = Level("best known", 130.0), Level("proven bound", 5000.0)
    root = read(draw([rising(20)], [near, far], along="samples", metric="size"))
    assert "best known 130" in said(root)
    assert "proven bound 5000 ↑" in said(root)
    assert [e.tag.split("}")[1] for e in of_class(root, "known")] == ["line", "text"]
    assert [e.tag.split("}")[1] for e in of_class(root, "bound")] == ["text"]


def test_a_step_links_to_its_program() -> None:
    root = read(draw([rising(3, 2.0)], along="samples", metric="size"))
    assert links(root) == ["/p/0", "/p/1", "/p/2"]
    titles = [e.text for e in root.iter(f"{SVG}title")]
    assert titles[1:] == [
        "100 after 1 sample id0",
        "101 after 2 samples id1",
        "102 after 4 samples id2",
    ]


def test_only_the_largest_of_many_steps_are_links() -> None:
    many = Curve("run", [Step(i, math.sqrt(i), f"/p/{i}") for i in range(5000)], 5000)
    root = read(draw([many], along="samples", metric="size"))
    assert len(links(root)) == MOST_LINKS
    assert {"/p/0", "/p/1", "/p/4999"} <= set(links(root))


def test_labels_of_lines_that_are_close_stay_apart() -> None:
    known = [Level("best known", 119.0), Level("proven bound", 119.0)]
    root = read(draw([rising(20)], known, along="samples", metric="size"))
    heights = sorted(float(e.attrib["y"]) for e in of_class(root, "label"))
    assert len(heights) == 3
    assert all(b - a >= 14 for a, b in pairwise(heights))


def test_a_reader_of_text_hears_what_is_to_be_seen() -> None:
    root = read(draw([rising(3, 2.0)], [Level("best known", 110)], along="samples", metric="size"))
    assert [e.text for e in root[:2]] == [
        "Best size so far, by samples",
        "from 100 to 102 in 3 steps, the last after 4 samples of 8 samples. best known: 110.",
    ]
