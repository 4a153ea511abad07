"""A sorting network: wires from left to right, comparators in as few columns as they allow."""

from __future__ import annotations

from markupsafe import Markup

from funsearch.browser.pictures import svg
from funsearch.browser.pictures.certificates.drawing import Array, Data, number_in, require

_MOST_WIRES, _MOST_COMPARATORS = 64, 2000
_LEFT, _TOP, _WIRE, _STEP, _GAP = 40.0, 20.0, 22.0, 12.0, 18.0


def comparators(data: Data, array: Array) -> Markup:
    """Draw a sorting network, layer by layer.

    Args:
        data: with n, the number of wires.
        array: shape (size, 2): i and j of each comparator, in order.

    Raises:
        Unsuited: it is none.
    """
    n = number_in(data, "n", 2, _MOST_WIRES)
    require(array.ndim == 2 and array.shape[1] == 2 and len(array) <= _MOST_COMPARATORS)
    pairs: list[tuple[int, int]] = [(int(i), int(j)) for i, j in array.tolist()]
    require(all(0 <= i < j < n for i, j in pairs))
    layers = _layers(pairs)
    x, parts = _LEFT + _GAP, list[Markup]()
    for layer in layers:
        for column in _columns(layer):
            for i, j in column:
                parts += _comparator(x, i, j)
            x += _STEP
        x += _GAP - _STEP / 2
    end = x + _GAP
    wires = [svg.line(_LEFT, _y(wire), end, _y(wire), "rule") for wire in range(n)]
    names = [
        svg.text(_LEFT - 8, _y(wire) + 4, str(wire), "tick", text_anchor="end") for wire in range(n)
    ]
    return svg.picture(
        end + 20,
        _y(n - 1) + _TOP,
        [*wires, *names, *parts],
        title=f"Sorting network on {n} wires",
        description=f"{len(pairs)} comparators in {len(layers)} layers, the first one on the left:"
        " each puts the smaller value on the upper wire.",
        kind="certificate wide",
    )


def _y(wire: int) -> float:
    return _TOP + _WIRE * wire


def _comparator(x: float, i: int, j: int) -> list[Markup]:
    ends = [svg.element("circle", cx=x, cy=_y(wire), r=3.5, class_="dot") for wire in (i, j)]
    return [svg.line(x, _y(i), x, _y(j), "stem"), *ends]


def _layers(pairs: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Return the comparators of each layer: as early as their wires are free."""
    free: dict[int, int] = {}
    layers: list[list[tuple[int, int]]] = []
    for i, j in pairs:
        layer = max(free.get(i, 0), free.get(j, 0))
        free[i] = free[j] = layer + 1
        if layer == len(layers):
            layers.append([])
        layers[layer].append((i, j))
    return layers


def _columns(layer: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Return the comparators of a layer in columns in which no two overlap."""
    columns: list[list[tuple[int, int]]] = []
    for i, j in sorted(layer):
        fitting = (column for column in columns if column[-1][1] < i)
        column = next(fitting, None)
        if column is None:
            columns.append(column := [])
        column.append((i, j))
    return columns
