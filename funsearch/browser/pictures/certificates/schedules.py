"""A schedule of diffusion: the share of signal at each step, from data to noise."""

from __future__ import annotations

from itertools import pairwise

from markupsafe import Markup

from funsearch.browser.pictures import svg
from funsearch.browser.pictures.axes import extent, scale_of
from funsearch.browser.pictures.certificates.drawing import Array, Data, number_in, require
from funsearch.text import number

_WIDTH, _HEIGHT = 640.0, 300.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 60.0, 20.0, 28.0, 46.0
_MOST = 1000


def shares(data: Data, array: Array) -> Markup:
    """Draw the share of signal over the steps, with a dot for each.

    Args:
        data: with the number of steps.
        array: shape (steps,): the shares, which fall from below 1 to above 0.

    Raises:
        Unsuited: it is none.
    """
    steps = number_in(data, "steps", 1, _MOST)
    require(array.shape == (steps,))
    values = [float(value) for value in array]
    require(all(0 <= value <= 1 for value in values))
    across = extent(steps, _LEFT, _WIDTH - _RIGHT, unit="count")
    upward = scale_of([0.0, 1.0], _HEIGHT - _BOTTOM, _TOP, unit="score", most=5)
    bottom, parts = _HEIGHT - _BOTTOM, list[Markup]()
    for tick, label in zip(upward.ticks, upward.labels, strict=True):
        y = upward.place(tick)
        parts.append(svg.line(_LEFT, y, _WIDTH - _RIGHT, y, "grid"))
        parts.append(svg.text(_LEFT - 8, y + 4, label, "tick", text_anchor="end"))
    for tick, label in zip(across.ticks, across.labels, strict=True):
        x = across.place(tick)
        parts.append(svg.line(x, bottom, x, bottom + 5, "rule"))
        parts.append(svg.text(x, bottom + 19, label, "tick", text_anchor="middle"))
    parts.append(svg.line(_LEFT, bottom, _WIDTH - _RIGHT, bottom, "rule"))
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(svg.text(middle, _HEIGHT - 8, "step", "axis", text_anchor="middle"))
    parts.append(svg.text(4, 14, "share of signal", "axis"))
    places = [(across.place(i), upward.place(v)) for i, v in enumerate([1.0, *values])]
    parts.append(svg.path(places, "curve"))
    for i, (x, y) in enumerate(places[1:], 1):
        title = svg.element("title", svg.words(f"step {i}: {number(values[i - 1])}"))
        parts.append(svg.element("circle", title, cx=x, cy=y, r=4.0, class_="dot"))
    falls = max(a - b for a, b in pairwise([1.0, *values, 0.0]))
    return svg.picture(
        _WIDTH,
        _HEIGHT,
        parts,
        title=f"Share of signal over {steps} steps",
        description=f"From {number(values[0])} at step 1 to {number(values[-1])} at step {steps};"
        f" it falls by {number(falls)} at most.",
        kind="certificate",
    )
