"""The islands side by side: the best score of each on one scale, its size, and its resets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from funsearch.browser.pictures import svg
from funsearch.browser.pictures.axes import Scale, count, finite, scale_of
from funsearch.text import number

MOST_ISLANDS = 100
"""That are drawn: the first ones."""
_WIDTH, _ROW, _TOP, _BOTTOM = 800.0, 26.0, 44.0, 28.0
_SCALE = (84.0, 400.0)
_SCORE, _BAR, _BAR_WIDTH, _RESETS = 414.0, 524.0, 130.0, 730.0


@dataclass(frozen=True)
class Island:
    """What an island holds now.

    Attributes:
        index: of the island.
        size: programs on it.
        best: score of its best program, or None.
        resets: how often it was emptied and started again.
        href: of its best program; empty if there is none.
    """

    index: int
    size: int
    best: float | None
    resets: int
    href: str = ""


def draw(islands: Sequence[Island], *, metric: str) -> Markup:
    """Draw the islands, one a row.

    Args:
        islands: in order.
        metric: name and unit of the score.
    """
    drawn = islands[:MOST_ISLANDS]
    known = [best for island in drawn if (best := _best(island)) is not None]
    scale = scale_of(known, *_SCALE, unit="score", most=4)
    height = _TOP + _ROW * len(drawn) + _BOTTOM
    parts = [*_heads(metric), *_grid(scale, height)]
    largest = max([1, *(island.size for island in drawn)])
    for row, island in enumerate(drawn):
        parts += _row(island, _TOP + _ROW * (row + 0.5), scale, largest)
    more = len(islands) - len(drawn)
    if more:
        parts.append(svg.text(4, height - 8, f"and {more} more", "tick"))
    return svg.picture(
        _WIDTH,
        height,
        parts,
        title="Islands: best score, programs and resets",
        description=" ".join(_told(island) + "." for island in drawn),
        kind="islands",
        linked=any(island.href for island in drawn),
    )


def _best(island: Island) -> float | None:
    return None if island.best is None else finite(island.best)


def _heads(metric: str) -> list[Markup]:
    return [
        svg.text(4, 16, "island", "axis"),
        svg.text(_SCALE[0], 16, f"best {svg.cut(metric, 40)}", "axis"),
        svg.text(_BAR, 16, "programs", "axis"),
        svg.text(_RESETS, 16, "resets", "axis"),
    ]


def _grid(scale: Scale, height: float) -> list[Markup]:
    parts: list[Markup] = []
    for tick, label in zip(scale.ticks, scale.labels, strict=True):
        x = scale.place(tick)
        parts.append(svg.line(x, _TOP - 10, x, height - _BOTTOM, "grid"))
        parts.append(svg.text(x, height - 10, label, "tick", text_anchor="middle"))
    return parts


def _row(island: Island, y: float, scale: Scale, largest: int) -> list[Markup]:
    parts = [
        svg.text(12, y + 4, str(island.index), "label"),
        svg.line(_SCALE[0], y, _SCALE[1], y, "grid"),
    ]
    best = _best(island)
    if best is not None:
        x = scale.place(best)
        dot = svg.element("circle", cx=x, cy=y, r=5.0, class_="dot")
        parts.append(svg.link(island.href, dot, title=_told(island)) if island.href else dot)
    score = "–" if island.best is None else number(island.best)
    parts.append(svg.text(_SCORE, y + 4, score, "label"))
    wide = _BAR_WIDTH * min(1.0, max(0, island.size) / largest)
    parts.append(svg.rectangle(_BAR, y - 6, wide, 12, "bar"))
    parts.append(svg.text(_BAR + wide + 6, y + 4, count(island.size), "label"))
    parts.append(svg.text(_RESETS, y + 4, count(island.resets), "label"))
    return parts


def _told(island: Island) -> str:
    best = "no score" if island.best is None else f"best {number(island.best)}"
    return (
        f"island {island.index}: {best}; programs {count(island.size)},"
        f" resets {count(island.resets)}"
    )
