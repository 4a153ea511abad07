from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from funsearch.browser.pictures.graph import MOST_EDGES, MOST_NODES, SHADES, Edge, Node, draw
from funsearch.browser.pictures.layers import MOST_IN_A_ROW, place
from tests.funsearch.browser.pictures.reading import (
    links,
    numbers,
    of_class,
    read,
    said,
    texts,
)

names = st.sampled_from("abcdefgh")
nodes = st.builds(
    Node,
    id=names,
    generation=st.integers(0, 5),
    island=st.none() | st.integers(0, 2),
    score=st.none() | numbers,
    status=texts,
    first=st.integers(0, 99),
    hidden=st.integers(0, 10**6),
    note=texts,
)
edges = st.builds(Edge, names, names, st.booleans())


def page(name: str) -> str:
    return f"/p/{name}"


def node(name: str, generation: int, score: float | None = 1.0, island: int | None = 0) -> Node:
    return Node(name, generation, island, score, "ok" if score is not None else "timeout", 1)


def history(count: int, islands: int = 3) -> tuple[list[Node], list[Edge]]:
    chance = random.Random(count)
    made = [Node("p0", 0, None, 0.0, "ok", 0)]
    tied: list[Edge] = []
    for i in range(1, count):
        parents = chance.sample(made[-9:], min(2, len(made)))
        generation = 1 + max(p.generation for p in parents)
        made.append(Node(f"p{i}", generation, chance.randrange(islands), float(i), "ok", i))
        tied += [Edge(p.id, f"p{i}") for p in parents]
    return made, tied


@given(st.lists(nodes, max_size=8), st.lists(edges, max_size=12), names)
def test_any_nodes_and_edges_make_a_picture(made: list[Node], tied: list[Edge], one: str) -> None:
    picture = draw(made, tied, href=page, chosen=one)
    root = read(picture)
    assert picture == draw(made, tied, href=page, chosen=one)
    assert sorted(links(root)) == sorted({page(n.id) for n in made})


def test_the_order_of_what_is_given_does_not_matter() -> None:
    made, tied = history(60)
    picture = draw(made, tied, href=page)
    assert picture == draw(made[::-1], tied[::-1], href=page)


def test_links_come_by_generation() -> None:
    made, tied = history(60)
    root = read(draw(made, tied, href=page))
    generation = {page(n.id): n.generation for n in made}
    order = [generation[target] for target in links(root)]
    assert order == sorted(order)


def test_shades_follow_the_score_in_its_direction() -> None:
    made = [node("a", 0, 1.0), node("b", 1, 2.0), node("c", 2, 3.0), node("d", 2, None)]
    for direction, best in (("max", "3"), ("min", "1")):
        root = read(draw(made, [], href=page, direction="max" if direction == "max" else "min"))
        (strongest,) = of_class(root, f"shade{SHADES - 1}")
        assert best in list(strongest.itertext())
    (without,) = of_class(root, "none")
    assert "timeout" in list(without.itertext())


def test_islands_are_lanes_with_their_names() -> None:
    made = [node("a", 0, island=None), node("b", 1, island=7), node("c", 1, island=2)]
    words = said(read(draw(made, [], href=page)))
    assert [w for w in words if w in ("start", "island 2", "island 7")] == [
        "start",
        "island 2",
        "island 7",
    ]
    assert "generation 1" in words


def test_the_best_path_and_the_chosen_program_stand_out() -> None:
    made = [node("a", 0), node("b", 1), node("c", 2)]
    tied = [Edge("a", "b", best_path=True), Edge("b", "c")]
    root = read(draw(made, tied, href=page, chosen="c"))
    assert len(of_class(root, "best")) == 1
    assert [e.attrib["href"] for e in of_class(root, "path")] == ["/p/a", "/p/b"]
    assert [e.attrib["href"] for e in of_class(root, "chosen")] == ["/p/c"]


def test_of_too_many_the_chosen_one_the_path_and_the_latest_are_drawn() -> None:
    made = [Node(f"p{i}", i % 40, i % 3, 1.0, "ok", i) for i in range(1000)]
    tied = [Edge("p0", "p1", best_path=True)]
    root = read(draw(made, tied, href=page, chosen="p5"))
    shown = links(root)
    assert len(shown) == MOST_NODES
    assert {"/p/p0", "/p/p1", "/p/p5", "/p/p999"} <= set(shown)
    assert "700 more programs are not drawn" in said(root)[-1]


def test_edges_are_bounded_and_those_of_the_path_stay() -> None:
    made = [Node(f"p{i}", i, 0, 1.0, "ok", i) for i in range(100)]
    tied = [Edge(f"p{i}", f"p{j}", best_path=j == 99) for j in range(100) for i in range(j)]
    root = read(draw(made, tied, href=page))
    assert len(of_class(root, "edge")) == MOST_EDGES
    assert len(of_class(root, "best")) == 99


def test_nodes_of_a_row_do_not_overlap_and_stay_in_their_lane() -> None:
    made, tied = history(200)
    index = {n.id: i for i, n in enumerate(made)}
    lanes = [0 if n.island is None else n.island + 1 for n in made]
    ties = [(index[e.parent], index[e.child]) for e in tied]
    placed = place([n.generation for n in made], lanes, ties, width=74, bend=9)
    for row in set(placed.row):
        middles = sorted(x for x, r in zip(placed.x, placed.row, strict=True) if r == row)
        assert all(b - a > 74 - 1e-6 for a, b in pairwise(middles))
    for x, lane in zip(placed.x, lanes, strict=True):
        start, end = placed.lanes[lane]
        assert start - 1e-6 <= x - 37 < x + 37 <= end + 1e-6


def test_crossings_that_can_be_avoided_are() -> None:
    # Two rows of five, each node tied to the one opposite, in reverse order.
    ties = [(i, 9 - i) for i in range(5)]
    placed = place([0] * 5 + [1] * 5, [0] * 10, ties, width=10, bend=2)
    assert placed.crossings == 0
    assert all(abs(placed.x[a] - placed.x[b]) < 1e-6 for a, b in ties)


def test_a_generation_that_is_too_wide_takes_several_rows() -> None:
    count = 2 * MOST_IN_A_ROW + 1
    placed = place([0] + [1] * count, [0] * (count + 1), [], width=10, bend=2)
    assert sorted(set(placed.row)) == [0, 1, 2, 3]


def test_an_edge_that_passes_rows_takes_a_place_in_each() -> None:
    placed = place([0, 1, 2, 3], [0] * 4, [(0, 3), (0, 1), (1, 2), (2, 3)], width=10, bend=2)
    assert len(placed.bends[0, 3]) == 2
    assert all(abs(bend - placed.x[1]) >= 6 for bend in placed.bends[0, 3][:1])
