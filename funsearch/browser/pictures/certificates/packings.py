"""Circles in the unit square, each with its number."""

from __future__ import annotations

from markupsafe import Markup

from funsearch.browser.pictures import svg
from funsearch.browser.pictures.certificates.drawing import Array, Data, number_in, require
from funsearch.text import number

_SIDE, _EDGE, _MOST = 480.0, 10.0, 500


def circles(data: Data, array: Array) -> Markup:
    """Draw a packing of circles.

    Args:
        data: with n.
        array: shape (n, 3): x, y and radius of each circle.

    Raises:
        Unsuited: it is none.
    """
    n = number_in(data, "n", 1, _MOST)
    require(array.shape == (n, 3))
    require((array >= 0).all() and (array <= 1).all())
    parts = [svg.rectangle(_EDGE, _EDGE, _SIDE, _SIDE, "frame")]
    # Large circles first, so that none hides another one even if they overlap.
    for i in sorted(range(n), key=lambda i: (-float(array[i, 2]), i)):
        x, y, r = (float(value) for value in array[i])
        # The y of a mathematician goes up.
        cx, cy = _EDGE + _SIDE * x, _EDGE + _SIDE * (1 - y)
        told = f"circle {i}: centre ({x:.6f}, {y:.6f}), radius {r:.6f}"
        title = svg.element("title", svg.words(told))
        parts.append(svg.element("circle", title, cx=cx, cy=cy, r=_SIDE * r, class_="shape"))
        if _SIDE * r >= 12:
            parts.append(svg.text(cx, cy + 4, str(i), "tick", text_anchor="middle"))
    radii = array[:, 2]
    return svg.picture(
        _SIDE + 2 * _EDGE,
        _SIDE + 2 * _EDGE,
        parts,
        title=f"{n} circles in the unit square",
        description=f"Radii from {number(float(radii.min()))} to {number(float(radii.max()))}.",
        kind="certificate",
    )
