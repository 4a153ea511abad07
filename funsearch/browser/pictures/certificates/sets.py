"""Sets of points: in a plane, of vectors in a plane of halves, of numbers on a line."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from funsearch.browser.pictures import svg
from funsearch.browser.pictures.axes import count
from funsearch.browser.pictures.certificates.drawing import Array, Data, number_in, require

_SIDE, _EDGE = 486.0, 12.0
_MOST_CELLS = 250
"""Of a side of a grid."""
_MOST_POINTS = 5000
_MOST_RULES = 90


def vectors(data: Data, array: Array) -> Markup:
    """Draw a set of vectors in Z_3^n as cells of a grid.

    The first half of the coordinates says the row, read as a number, the other the column; so each
    thick square of three by three cells, and each of nine by nine, is a part in which the leading
    coordinates of both halves are the same.

    Args:
        data: with n.
        array: shape (size, n), of 0, 1 and 2.

    Raises:
        Unsuited: it is none.
    """
    n = number_in(data, "n", 2, 10)
    cells = _digits(array, n, 3)
    rows, columns = n // 2, n - n // 2
    y = cells[:, :rows] @ 3 ** np.arange(rows - 1, -1, -1)
    x = cells[:, rows:] @ 3 ** np.arange(columns - 1, -1, -1)
    return _grid(
        np.column_stack((x, y)),
        3**columns,
        3**rows,
        thick=3,
        title=f"{count(len(cells))} of {count(3**n)} vectors",
        description=f"The first {rows} coordinates say the row, the other {columns} the column,"
        " each read as a number in base three.",
    )


def vertices(data: Data, array: Array) -> Markup:
    """Draw a set in F_p^n × F_p^n: x says the column, y the row, each read as a number.

    Args:
        data: with p and n.
        array: shape (size, 2n + 3), of which the first 2n columns are x and y.

    Raises:
        Unsuited: it is none.
    """
    p, n = number_in(data, "p", 2, 5), number_in(data, "n", 1, 5)
    require(p**n <= _MOST_CELLS and array.ndim == 2 and array.shape[1] == 2 * n + 3)
    cells = _digits(array[:, : 2 * n], 2 * n, p)
    powers = p ** np.arange(n - 1, -1, -1)
    return _grid(
        np.column_stack((cells[:, :n] @ powers, cells[:, n:] @ powers)),
        p**n,
        p**n,
        thick=p,
        title=f"{count(len(cells))} of {count(p ** (2 * n))} vertices",
        description=f"x says the column, y the row, each read as a number in base {p}.",
    )


def points(data: Data, array: Array) -> Markup:
    """Draw points of an n x n grid; x goes to the right, y upwards.

    Args:
        data: with n.
        array: shape (size, 2).

    Raises:
        Unsuited: it is none.
    """
    n = number_in(data, "n", 1, _MOST_CELLS)
    cells = _digits(array, 2, n)
    cells[:, 1] = n - 1 - cells[:, 1]
    return _grid(
        cells,
        n,
        n,
        thick=n,
        title=f"{count(len(cells))} points of a grid of {n} by {n}",
        description="x goes to the right, y upwards.",
    )


def marks(data: Data, array: Array) -> Markup:
    """Draw numbers as marks on a line, in several rows.

    Args:
        data: with n; differences from 1 to n are what the numbers are for.
        array: shape (size,), of integers.

    Raises:
        Unsuited: it is none.
    """
    n = number_in(data, "n", 1)
    require(array.ndim == 1 and 0 < len(array) <= _MOST_POINTS and array.dtype.kind in "iu")
    values = sorted(int(value) for value in array.tolist())
    low, span = values[0], max(1, values[-1] - values[0])
    require(abs(low) <= 2**40 and span <= 2**40)
    left, wide, high = 20.0, 760.0, 40.0
    parts = [svg.line(left, high, left + wide, high, "rule")]
    labelled = -1e9
    for value in values:
        x = left + wide * (value - low) / span
        parts.append(svg.line(x, high - 14, x, high, "stem"))
        if x - labelled >= 8 * (len(str(value)) + 1):
            parts.append(svg.text(x, high + 16, str(value), "tick", text_anchor="middle"))
            labelled = x
    return svg.picture(
        wide + 2 * left,
        high + 26,
        parts,
        title=f"{count(len(values))} numbers for the differences from 1 to {count(n)}",
        description=f"From {values[0]} to {values[-1]}.",
        kind="certificate wide",
    )


def signs(data: Data, array: Array) -> Markup:
    """Draw a sequence of signs: up for 1, down for -1.

    Args:
        data: with n.
        array: shape (n,), of 1 and -1.

    Raises:
        Unsuited: it is none.
    """
    n = number_in(data, "n", 1, _MOST_POINTS)
    require(array.shape == (n,) and array.dtype.kind == "i")
    values = array.tolist()
    require(all(value in (1, -1) for value in values))
    left, wide, middle = 20.0, 760.0, 40.0
    step = wide / n
    parts = [
        svg.rectangle(
            left + step * i,
            middle - 22 if value > 0 else middle,
            max(step - min(1.0, step / 4), 0.2),
            22,
            "shape" if value > 0 else "plain",
        )
        for i, value in enumerate(values)
    ]
    parts.append(svg.line(left, middle, left + wide, middle, "rule"))
    return svg.picture(
        wide + 2 * left,
        80,
        parts,
        title=f"A sequence of {n} signs",
        description=f"{values.count(1)} are 1, drawn upwards; {values.count(-1)} are -1.",
        kind="certificate wide",
    )


def _digits(array: Array, width: int, base: int) -> NDArray[np.int64]:
    """Return rows of digits, checked."""
    require(array.ndim == 2 and array.shape[1] == width and array.dtype.kind in "iu")
    require(len(array) <= _MOST_POINTS and (array >= 0).all() and (array < base).all())
    return array.astype(np.int64)


def _grid(
    cells: NDArray[np.int64],
    columns: int,
    rows: int,
    *,
    thick: int,
    title: str,
    description: str,
) -> Markup:
    """Draw the cells of a grid that are in a set, each as a square.

    Args:
        cells: int64, shape (size, 2): column and row of each, from the upper left.
        columns: of the grid.
        rows: of the grid.
        thick: every so many cells, a line is drawn, unless they were too many.
        title: of the picture.
        description: of it.
    """
    require(max(columns, rows) <= _MOST_CELLS)
    size = _SIDE / max(columns, rows)
    wide, high = size * columns, size * rows
    parts = [svg.rectangle(_EDGE, _EDGE, wide, high, "frame")]
    every = next(s for s in (1, thick, thick**2, thick**9) if columns / s <= _MOST_RULES)
    for across, count_, span in ((True, columns, high), (False, rows, wide)):
        for i in range(every, count_, every):
            place, end = _EDGE + size * i, _EDGE + span
            kind = "grid" if i % thick or every == thick else "block" if i % thick**2 else "rule"
            if across:
                parts.append(svg.line(place, _EDGE, place, end, kind))
            else:
                parts.append(svg.line(_EDGE, place, end, place, kind))
    gap = min(1.0, size / 8)
    for x, y in cells.tolist():
        left, top = _EDGE + size * x + gap, _EDGE + size * y + gap
        parts.append(svg.rectangle(left, top, size - 2 * gap, size - 2 * gap, "cell"))
    return svg.picture(
        wide + 2 * _EDGE,
        high + 2 * _EDGE,
        parts,
        title=title,
        description=description,
        kind="certificate",
    )
