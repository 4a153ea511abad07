"""Bins of items: how full each one is, and what is in those for which there is room."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from funsearch.browser.pictures import svg
from funsearch.browser.pictures.axes import count, scale_of
from funsearch.browser.pictures.certificates.drawing import (
    Array,
    Data,
    integers,
    number_in,
    require,
)

_MOST_ITEMS = 200_000
_MOST_SHAPES = 3000
_MOST_COLUMNS = 720
_WIDTH, _HEIGHT = 800.0, 260.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 60.0, 16.0, 26.0, 42.0


def packing(data: Data, array: Array) -> Markup:
    """Draw bins in the order in which they were opened.

    Items are drawn one by one where they are few, else only how full the bins are; where the bins
    are too many, several next to each other share a column that shows the mean.

    Args:
        data: with items and capacity.
        array: shape (items,): the number of each item's bin.

    Raises:
        Unsuited: it is none.
    """
    capacity = number_in(data, "capacity", 1)
    items = integers(data, "items", _MOST_ITEMS)
    require(array.shape == items.shape and len(items) > 0 and array.dtype.kind in "iu")
    require((array >= 0).all() and (array < len(items)).all() and (items >= 0).all())
    places = array.astype(np.int64)
    loads = np.bincount(places, weights=items).astype(np.float64)
    bins = len(loads)
    require((loads <= capacity).all())
    if bins <= _MOST_COLUMNS and len(items) <= _MOST_SHAPES:
        parts = _items(places, items, capacity, bins)
        what = "each item is a box, the first one of a bin at the bottom"
    else:
        parts, together = _columns(loads, capacity)
        what = f"a column is {together} bins, and as high as they are full on average"
        what = what if together > 1 else "a column is a bin"
    unused = 1 - float(loads.sum()) / (bins * capacity)
    parts += _frame(bins, capacity)
    return svg.picture(
        _WIDTH,
        _HEIGHT,
        parts,
        title=f"{count(len(items))} items in {count(bins)} bins",
        description=f"Bins from left to right as they were opened; {what}."
        f" {unused:.2%} of the room is empty.",
        kind="certificate",
    )


def _frame(bins: int, capacity: int) -> list[Markup]:
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    scale = scale_of([0.0, float(capacity)], bottom, _TOP, unit="score", most=4)
    parts: list[Markup] = []
    for tick, label in zip(scale.ticks, scale.labels, strict=True):
        if tick < capacity * 0.94:
            y = bottom - (bottom - _TOP) * tick / capacity
            parts.append(svg.text(_LEFT - 8, y + 4, label, "tick", text_anchor="end"))
    parts.append(svg.text(_LEFT - 8, _TOP + 4, f"{capacity:.6g}", "tick", text_anchor="end"))
    parts.append(svg.line(_LEFT, _TOP, right, _TOP, "full"))
    parts.append(svg.line(_LEFT, bottom, right, bottom, "rule"))
    parts.append(svg.text(4, 12, "filled", "axis"))
    parts.append(svg.text(_LEFT, bottom + 18, "bin 0", "tick"))
    last = f"bin {count(bins - 1)}"
    parts.append(svg.text(right, bottom + 18, last, "tick", text_anchor="end"))
    return parts


def _items(
    places: NDArray[np.int64], items: NDArray[np.float64], capacity: int, bins: int
) -> list[Markup]:
    wide = (_WIDTH - _LEFT - _RIGHT) / bins
    high = _HEIGHT - _TOP - _BOTTOM
    filled = np.zeros(bins)
    parts: list[Markup] = []
    for place, item in zip(places.tolist(), items.tolist(), strict=True):
        filled[place] += item
        y = _HEIGHT - _BOTTOM - high * float(filled[place]) / capacity
        x = _LEFT + wide * place
        gap = min(1.0, wide / 4)
        parts.append(svg.rectangle(x, y, wide - gap, high * item / capacity, "shape"))
    return parts


def _columns(loads: NDArray[np.float64], capacity: int) -> tuple[list[Markup], int]:
    """Return a column for so many neighbouring bins, and how many these are."""
    together = -(-len(loads) // _MOST_COLUMNS)
    starts = np.arange(0, len(loads), together)
    sizes = np.minimum(together, len(loads) - starts)
    full = np.add.reduceat(loads, starts) / sizes / capacity
    wide = (_WIDTH - _LEFT - _RIGHT) / len(starts)
    bottom, high = _HEIGHT - _BOTTOM, _HEIGHT - _TOP - _BOTTOM
    corners = [(_LEFT, bottom)]
    for index, share in enumerate(full.tolist()):
        y = bottom - high * share
        corners += [(_LEFT + wide * index, y), (_LEFT + wide * (index + 1), y)]
    # One outline: between columns that touch, edges would shimmer.
    return [svg.path([*corners, (_WIDTH - _RIGHT, bottom)], "plain")], together
