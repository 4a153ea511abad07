"""Where the nodes of a layered graph lie, so that few edges cross: K. Sugiyama's method.

Layers follow from generations, lanes from islands; only the order within a lane of a layer is free.
Edges that pass a layer take a place of their own in it (K. Sugiyama, S. Tagawa, M. Toda, Methods
for visual understanding of hierarchical system structures, IEEE SMC 11, 1981). No chance is in it.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

MOST_IN_A_ROW = 12
"""Nodes of one generation and lane; more take a further row."""
MOST_BENDS = 1500
"""Places that edges take between their ends; the longest edges go without."""
_SWEEPS = 8
_ALIGNMENTS = 6


@dataclass(frozen=True)
class Placed:
    """Where everything lies.

    Attributes:
        x: of each node, its middle.
        row: of each node, from 0 at the top.
        bends: edge → x in each of the rows between its ends.
        lanes: start and end in x of each lane, in order.
        crossings: of edges between neighbouring rows.
    """

    x: Sequence[float]
    row: Sequence[int]
    bends: Mapping[tuple[int, int], Sequence[float]]
    lanes: Sequence[tuple[float, float]]
    crossings: int


@dataclass
class _Item:
    """A node, or the place of an edge in a row that it passes."""

    row: int
    lane: int
    width: float
    above: list[int] = field(default_factory=list[int])
    below: list[int] = field(default_factory=list[int])
    x: float = 0.0


def place(
    generations: Sequence[int],
    lanes: Sequence[int],
    edges: Iterable[tuple[int, int]],
    *,
    width: float,
    bend: float,
) -> Placed:
    """Place the nodes of a graph.

    Args:
        generations: of each node; nodes come in the order that they have where nothing else counts.
        lanes: of each node, from 0.
        edges: pairs of nodes, each from a lower generation to a higher one.
        width: of a node with the gap to the next one.
        bend: the same for an edge that passes.
    """
    rows = _rows(generations, lanes)
    items = [_Item(row, lane, width) for row, lane in zip(rows, lanes, strict=True)]
    chains = _chains(items, sorted(set(edges)), bend)
    order = _Order(items)
    crossings = order.reduce()
    spans = _spans(items, order.cells, 1 + max(lanes, default=-1), width)
    _align(items, order.cells, spans)
    bends = {edge: [items[i].x for i in chain] for edge, chain in chains.items()}
    x = [item.x for item in items[: len(rows)]]
    return Placed(x, rows, bends, spans, crossings)


def _rows(generations: Sequence[int], lanes: Sequence[int]) -> list[int]:
    """Return the row of each node: generations in order, each as many rows as its fullest lane."""
    members: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for node, (generation, lane) in enumerate(zip(generations, lanes, strict=True)):
        members[generation][lane].append(node)
    rows = [0] * len(generations)
    first = 0
    for generation in sorted(members):
        for nodes in members[generation].values():
            for index, node in enumerate(nodes):
                rows[node] = first + index // MOST_IN_A_ROW
        first = 1 + max(rows[node] for nodes in members[generation].values() for node in nodes)
    return rows


def _chains(
    items: list[_Item], edges: Sequence[tuple[int, int]], width: float
) -> dict[tuple[int, int], list[int]]:
    """Add items for edges that pass rows, the shortest first; return those of each edge."""
    chains: dict[tuple[int, int], list[int]] = {}
    room = MOST_BENDS
    for start, end in sorted(edges, key=lambda e: (items[e[1]].row - items[e[0]].row, e)):
        passed = range(items[start].row + 1, items[end].row)
        if len(passed) > room:
            break
        room -= len(passed)
        chain = list(range(len(items), len(items) + len(passed)))
        items += [_Item(row, items[end].lane, width) for row in passed]
        chains[start, end] = chain
        ends = [start, *chain, end]
        for upper, lower in pairwise(ends):
            items[upper].below.append(lower)
            items[lower].above.append(upper)
    return chains


class _Order:
    """The order of items in each cell, which is a lane of a row."""

    def __init__(self, items: Sequence[_Item]) -> None:
        self._items = items
        self.cells: dict[tuple[int, int], list[int]] = defaultdict(list)
        for index, item in enumerate(items):
            self.cells[item.row, item.lane].append(index)

    def reduce(self) -> int:
        """Sweep down and up, and keep the order with the fewest crossings; return their number."""
        best, fewest = self._copy(), self._crossings()
        for sweep in range(_SWEEPS):
            if not fewest:
                break
            self._sweep(down=sweep % 2 == 0)
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = self._copy(), crossings
        self.cells = best
        return fewest

    def _copy(self) -> dict[tuple[int, int], list[int]]:
        return {cell: list(members) for cell, members in self.cells.items()}

    def _sweep(self, *, down: bool) -> None:
        """Order each cell by the mean place of the neighbours in the rows before."""
        places = self._places()
        for cell in sorted(self.cells, reverse=not down):
            members = self.cells[cell]
            means: dict[int, float] = {}
            for item in members:
                near = self._items[item].above if down else self._items[item].below
                means[item] = sum(places[n] for n in near) / len(near) if near else places[item]
            members.sort(key=means.__getitem__)
            places |= _in_cell(cell, members)

    def _places(self) -> dict[int, float]:
        found: dict[int, float] = {}
        for cell, members in self.cells.items():
            found |= _in_cell(cell, members)
        return found

    def _crossings(self) -> int:
        """Count the crossings of edges between neighbouring rows."""
        places = self._places()
        ends: dict[int, list[tuple[float, float]]] = defaultdict(list)
        for index, item in enumerate(self._items):
            ends[item.row] += [(places[index], places[lower]) for lower in item.below]
        total = 0
        for pairs in ends.values():
            seen: list[float] = []
            upper: list[float] = []
            last = None
            for start, end in sorted(pairs):
                if start != last:  # edges with a common end do not cross
                    for other in upper:
                        insort(seen, other)
                    upper, last = [], start
                total += len(seen) - bisect_left(seen, end + 1e-9)
                upper.append(end)
        return total


def _in_cell(cell: tuple[int, int], members: Sequence[int]) -> dict[int, float]:
    """Return places whose means can be compared over all lanes."""
    return {item: 1e4 * cell[1] + i - len(members) / 2 for i, item in enumerate(members)}


def _spans(
    items: Sequence[_Item],
    cells: Mapping[tuple[int, int], Sequence[int]],
    lanes: int,
    least: float,
) -> list[tuple[float, float]]:
    """Return start and end of each lane: as wide as its fullest row."""
    widths = [least] * lanes
    for (_, lane), members in cells.items():
        widths[lane] = max(widths[lane], sum(items[item].width for item in members))
    spans: list[tuple[float, float]] = []
    start = 0.0
    for width in widths:
        spans.append((start, start + width))
        start += width
    return spans


def _align(
    items: Sequence[_Item],
    cells: Mapping[tuple[int, int], Sequence[int]],
    spans: Sequence[tuple[float, float]],
) -> None:
    """Move items to the mean of their neighbours, as far as order and width allow."""
    for (_, lane), members in cells.items():
        x = (sum(spans[lane]) - sum(items[item].width for item in members)) / 2
        for item in members:
            items[item].x = x + items[item].width / 2
            x += items[item].width
    for turn in range(_ALIGNMENTS):
        for cell in sorted(cells, reverse=turn % 2 == 1):
            members = cells[cell]
            wanted = [_mean(items, item) for item in members]
            widths = [items[item].width for item in members]
            for item, x in zip(members, _apart(wanted, widths, *spans[cell[1]]), strict=True):
                items[item].x = x


def _mean(items: Sequence[_Item], item: int) -> float:
    near = [*items[item].above, *items[item].below]
    return sum(items[n].x for n in near) / len(near) if near else items[item].x


def _apart(
    wanted: Sequence[float], widths: Sequence[float], start: float, end: float
) -> list[float]:
    """Return the places nearest to the wanted ones, by squares, that keep the order and the widths.

    With what must lie before an item taken off, that is an isotonic regression: neighbours that are
    in each other's way are pooled.
    """
    before: list[float] = []
    total = 0.0
    for width in widths:
        before.append(total + width / 2)
        total += width
    pools: list[tuple[float, int]] = []
    for goal, offset in zip(wanted, before, strict=True):
        mean, size = goal - offset, 1
        while pools and pools[-1][0] >= mean:
            other, count = pools.pop()
            mean = (mean * size + other * count) / (size + count)
            size += count
        pools.append((mean, size))
    free = [min(end - total, max(start, mean)) for mean, size in pools for _ in range(size)]
    return [place + offset for place, offset in zip(free, before, strict=True)]
