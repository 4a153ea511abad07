"""The lineage as a layered graph: generations downwards, islands as lanes, scores on the nodes.

Every node is a link, so the graph can be walked with the Tab key, oldest first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from funsearch.browser.pictures import svg
from funsearch.browser.pictures.axes import finite
from funsearch.browser.pictures.layers import Placed, place
from funsearch.text import number

MOST_NODES = 300
"""That are drawn: the chosen one, then those on the best path, then the latest."""
MOST_EDGES = 1200
SHADES = 6
"""Of scores, from the worst to the best that is drawn."""
_BOX, _GAP, _TALL, _ROW, _BEND = 64.0, 10.0, 24.0, 62.0, 9.0
_LEFT, _TOP, _LANE_GAP = 96.0, 62.0, 14.0


@dataclass(frozen=True)
class Node:
    """A program.

    Attributes:
        id: of the program.
        generation: above those of all its parents.
        island: index, or None for a starting program.
        score: or None.
        status: of its verdict; empty while there is none.
        first: number of its first record, which orders programs of one generation.
        hidden: how many programs it descends from, or that descend from it, are not drawn.
        note: what else must be said of it, such as `unconfirmed`; marked with a star.
    """

    id: str
    generation: int
    island: int | None
    score: float | None
    status: str
    first: int
    hidden: int = 0
    note: str = ""


@dataclass(frozen=True)
class Edge:
    """From a program that a prompt showed to the one it led to.

    Attributes:
        parent: id of the program that was shown.
        child: id of the other.
        best_path: whether it is part of the path that is emphasised.
    """

    parent: str
    child: str
    best_path: bool = False


def draw(
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    *,
    href: Callable[[str], str],
    chosen: str = "",
    direction: Literal["max", "min"] = "max",
) -> Markup:
    """Draw a lineage.

    Edges to programs that are not drawn, or that do not lead to a later generation, are left out.

    Args:
        nodes: programs, in any order; of equal ids the first counts.
        edges: between them.
        href: id of a program → path of its page.
        chosen: id of the program that the picture is about.
        direction: in which scores get better.
    """
    on_path = {name for edge in edges if edge.best_path for name in (edge.parent, edge.child)}
    every = list({node.id: node for node in reversed(nodes)}.values())
    drawn = _drawn(every, on_path, chosen)
    ties = _ties(drawn, edges)
    islands = sorted({node.island for node in drawn}, key=lambda i: -1 if i is None else i)
    lanes = [islands.index(node.island) for node in drawn]
    generations = [node.generation for node in drawn]
    placed = place(generations, lanes, ties, width=_BOX + _GAP, bend=_BEND)
    places = _Places(placed, lanes)
    parts = [*_lanes(islands, places), *_generations(drawn, placed)]
    for (start, end), best in sorted(ties.items(), key=lambda tie: (tie[1], tie[0])):
        parts.append(_edge(places, start, end, "edge best" if best else "edge"))
    kinds = _kinds(drawn, on_path, chosen, direction)
    parts += [
        _node(drawn[i], places.x(i), places.y(i), kinds[i], href(drawn[i].id))
        for i in sorted(range(len(drawn)), key=lambda i: (placed.row[i], placed.x[i], i))
    ]
    left_out = len(every) - len(drawn)
    parts.append(svg.text(4, 16, _legend(direction, left_out, bool(on_path)), "tick"))
    return svg.picture(
        max(560.0, places.width),
        places.height,
        parts,
        title="Lineage by generation and island",
        description=_described(drawn, islands, len(ties), left_out),
        kind="graph",
        linked=True,
    )


class _Places:
    """Where things lie in the picture: the lanes with gaps between them, below the headings."""

    def __init__(self, placed: Placed, lanes: Sequence[int]) -> None:
        self._placed, self._lane = placed, lanes
        self.lanes = [
            (_LEFT + start + _LANE_GAP * i, _LEFT + end + _LANE_GAP * i)
            for i, (start, end) in enumerate(placed.lanes)
        ]
        self.width = (self.lanes[-1][1] if self.lanes else _LEFT) + _LANE_GAP
        self.height = _TOP + _ROW * (1 + max(placed.row, default=0))

    def x(self, node: int) -> float:
        return _LEFT + self._placed.x[node] + _LANE_GAP * self._lane[node]

    def y(self, node: int) -> float:
        return _middle(self._placed.row[node])

    def bends(self, start: int, end: int) -> list[tuple[float, float]]:
        """Return the places between the ends of an edge, which lie in the lane of its end."""
        first, shift = self._placed.row[start] + 1, _LEFT + _LANE_GAP * self._lane[end]
        found = self._placed.bends.get((start, end), ())
        return [(x + shift, _middle(first + i)) for i, x in enumerate(found)]


def _middle(row: int) -> float:
    return _TOP + _ROW * row + _TALL / 2


def _drawn(nodes: Sequence[Node], on_path: Collection[str], chosen: str) -> list[Node]:
    """Return the nodes that are drawn, by age."""
    order = sorted(nodes, key=lambda n: (n.id != chosen, n.id not in on_path, -n.first, n.id))
    return sorted(order[:MOST_NODES], key=lambda n: (n.generation, n.first, n.id))


def _ties(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[tuple[int, int], bool]:
    """Return the edges between nodes, and whether each is on the best path; that path stays."""
    known = {node.id: index for index, node in enumerate(nodes)}
    ties: dict[tuple[int, int], bool] = {}
    for edge in edges:
        start, end = known.get(edge.parent), known.get(edge.child)
        if start is None or end is None or nodes[start].generation >= nodes[end].generation:
            continue
        ties[start, end] = edge.best_path or ties.get((start, end), False)
    return dict(sorted(ties.items(), key=lambda tie: (not tie[1], tie[0]))[:MOST_EDGES])


def _kinds(
    nodes: Sequence[Node], on_path: Collection[str], chosen: str, direction: str
) -> list[str]:
    """Return the classes of each node; its shade is its place among the different scores."""
    sign = 1 if direction == "max" else -1
    scores = [None if node.score is None else finite(node.score) for node in nodes]
    ranks = sorted({sign * score for score in scores if score is not None})
    place = {score: index for index, score in enumerate(ranks)}
    # Where all are equal, none is worse than the best.
    top, last = SHADES - 1, len(ranks) - 1
    kinds: list[str] = []
    for node, score in zip(nodes, scores, strict=True):
        shade = "none"
        if score is not None:
            shade = f"shade{top * place[sign * score] // last if last else top}"
        marks = ["path"] * (node.id in on_path) + ["chosen"] * (node.id == chosen)
        kinds.append(" ".join(["node", shade, *marks]))
    return kinds


def _lanes(islands: Sequence[int | None], places: _Places) -> list[Markup]:
    parts: list[Markup] = []
    for index, (island, (start, end)) in enumerate(zip(islands, places.lanes, strict=True)):
        kind = "lane" if index % 2 else "lane odd"
        parts.append(svg.rectangle(start, 28, end - start, places.height - 28, kind))
        name = "start" if island is None else f"island {island}"
        parts.append(svg.text((start + end) / 2, 46, name, "axis", text_anchor="middle"))
    return parts


def _generations(nodes: Sequence[Node], placed: Placed) -> list[Markup]:
    rows: dict[int, int] = {}
    for node, row in zip(nodes, placed.row, strict=True):
        rows[node.generation] = min(row, rows.get(node.generation, row))
    return [
        svg.text(_LEFT - 10, _middle(row) + 4, f"generation {value}", "tick", text_anchor="end")
        for value, row in sorted(rows.items())
    ]


def _edge(places: _Places, start: int, end: int, kind: str) -> Markup:
    """Return a line that leaves a node below, and enters another from above."""
    points = [
        (places.x(start), places.y(start) + _TALL / 2),
        *places.bends(start, end),
        (places.x(end), places.y(end) - _TALL / 2),
    ]
    x, y = points[0]
    drawn = [f"M{x:.0f} {y:.0f}"]
    for a, b in points[1:]:
        middle = (y + b) / 2
        drawn.append(f"C{x:.0f} {middle:.0f} {a:.0f} {middle:.0f} {a:.0f} {b:.0f}")
        x, y = a, b
    return svg.element("path", d="".join(drawn), class_=kind)


def _node(node: Node, x: float, y: float, kind: str, target: str) -> Markup:
    label = node.status or "waiting" if node.score is None else format(node.score, ".6g")
    box = svg.element("rect", x=x - _BOX / 2, y=y - _TALL / 2, width=_BOX, height=_TALL, rx=5.0)
    star = "*" if node.note else ""
    parts = [box, svg.text(x, y + 4.5, f"{svg.cut(label, 9)}{star}", text_anchor="middle")]
    if node.hidden:
        more = f"+{node.hidden}" if node.hidden < 1000 else "+999"
        parts.append(svg.text(x + _BOX / 2, y - _TALL / 2 - 3, more, "more", text_anchor="end"))
    return svg.link(target, *parts, title=_told(node), class_=kind)


def _told(node: Node) -> str:
    """Return what is to be known of a program, in one line."""
    score = number(node.score) if node.score is not None else node.status or "waiting"
    where = "start" if node.island is None else f"island {node.island}"
    said = [score, node.note, where, f"generation {node.generation}", node.id[:12]]
    if node.hidden:
        said.append(f"{node.hidden} more not drawn")
    return ", ".join(part for part in said if part)


def _legend(direction: str, left_out: int, path: bool) -> str:
    better = "higher" if direction == "max" else "lower"
    said = [f"stronger shade: {better} score, which is better", "dashed: no score"]
    if path:
        said.append("thick: best path")
    if left_out:
        said.append(f"{left_out} more programs are not drawn")
    return "; ".join(said)


def _described(
    nodes: Sequence[Node], islands: Sequence[int | None], edges: int, left_out: int
) -> str:
    if not nodes:
        return "No program."
    low, high = nodes[0].generation, nodes[-1].generation
    more = f" {left_out} more programs are not drawn." if left_out else ""
    return (
        f"{len(nodes)} programs of generations {low} to {high} in {len(islands)} lanes, and"
        f" {edges} edges from programs that a prompt showed to what it led to.{more}"
    )
