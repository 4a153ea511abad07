"""The best score so far as a step curve, with what is known and what is proven as lines.

Each step may link to the program that made it, so a reader gets from a jump to its cause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from funsearch.browser.pictures import svg
from funsearch.browser.pictures.axes import (
    Scale,
    Unit,
    count,
    duration,
    extent,
    finite,
    growing,
    scale_of,
)
from funsearch.text import number

MOST_STEPS = 2000
"""Of one curve that are drawn; of more, the largest."""
MOST_LINKS = 60
"""Steps of one curve that link to a program: the largest, since each is a stop of the Tab key."""
MOST_CURVES = 4
"""Kinds of line that people tell apart."""
MOST_LEVELS = 4
_WIDTH, _HEIGHT = 800.0, 320.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 76.0, 176.0, 26.0, 46.0
_FAR = 2.0
"""A level is only drawn in its place if that makes the picture at most so many times as high."""
_APART = 15.0
"""Pixels between the base lines of two labels."""


@dataclass(frozen=True)
class Step:
    """Where the best score grew.

    Attributes:
        at: samples made until then, or seconds.
        score: from there on.
        href: of the program that made it; empty if there is no page of it.
        label: what the link says beyond the score, such as the start of the program's id.
    """

    at: float
    score: float
    href: str = ""
    label: str = ""


@dataclass(frozen=True)
class Curve:
    """The steps of one run, in order, and where the run ends.

    Attributes:
        name: of the run; shown where there are several.
        steps: in the order in which they were made.
        end: samples or seconds of the whole run.
    """

    name: str
    steps: Sequence[Step]
    end: float


@dataclass(frozen=True)
class Level:
    """A score that is known from elsewhere.

    Attributes:
        kind: what is known of it.
        value: the score.
    """

    kind: Literal["best known", "proven bound"]
    value: float


def draw(
    curves: Sequence[Curve],
    levels: Sequence[Level] = (),
    *,
    along: Literal["samples", "seconds"],
    metric: str,
    log: bool | None = None,
) -> Markup:
    """Draw the best score so far.

    Args:
        curves: one, or several that are compared; at most `MOST_CURVES` are drawn.
        levels: what else is known of the score; at most `MOST_LEVELS` are drawn.
        along: what the curves go along.
        metric: name and unit of the score, for the axis.
        log: whether the axis of samples or seconds is logarithmic; decided here if None.
    """
    drawn = [_sound(curve) for curve in curves[:MOST_CURVES]]
    sound = [level for level in levels[:MOST_LEVELS] if finite(level.value) is not None]
    near = _near(drawn, sound)
    scores = [step.score for curve in drawn for step in curve.steps]
    across = _across(drawn, along, log)
    known = [*scores, *(level.value for level in near)]
    upward = scale_of(known, _HEIGHT - _BOTTOM, _TOP, unit="score")
    parts = [_frame(across, upward, along, metric)]
    parts += _rules(near, upward)
    for place, curve in enumerate(drawn):
        parts.append(_line(curve, place, across, upward))
    parts += _labels(drawn, sound, near, upward)
    for place, curve in enumerate(drawn):
        parts += _links(curve, place, across, upward, along)
    if not scores:
        middle = (_LEFT + _WIDTH - _RIGHT) / 2
        parts.append(svg.text(middle, _HEIGHT / 2, "no score yet", "axis", text_anchor="middle"))
    return svg.picture(
        _WIDTH,
        _HEIGHT,
        parts,
        title=f"Best {metric} so far, by {'samples' if along == 'samples' else 'time'}",
        description=_described(drawn, sound, along),
        kind="curve",
        linked=any(step.href for curve in drawn for step in curve.steps),
    )


def _across(curves: Sequence[Curve], along: str, log: bool | None) -> Scale:
    ends = [finite(curve.end) or 0.0 for curve in curves]
    end = max([0.0, *ends, *(step.at for curve in curves for step in curve.steps)])
    if log is None:
        log = _crowded(curves, end)
    unit: Unit = "count" if along == "samples" else "seconds"
    return (growing if log else extent)(end, _LEFT, _WIDTH - _RIGHT, unit=unit)


def _sound(curve: Curve) -> Curve:
    """Return a curve of which all steps can be drawn; if they are too many, of the largest ones."""
    steps = [
        Step(at, score, step.href, step.label)
        for step in curve.steps
        if (at := finite(step.at)) is not None and (score := finite(step.score)) is not None
    ]
    return Curve(curve.name, _largest(steps, MOST_STEPS), finite(curve.end) or 0.0)


def _largest(steps: Sequence[Step], most: int) -> Sequence[Step]:
    """Return the steps that change the score most, in order; first and last are among them."""
    if len(steps) <= most:
        return steps
    changes = {i: abs(steps[i].score - steps[i - 1].score) for i in range(1, len(steps) - 1)}
    order = sorted(changes, key=lambda i: (-changes[i], i))
    kept = sorted({0, len(steps) - 1, *order[: most - 2]})
    return [steps[i] for i in kept]


def _crowded(curves: Sequence[Curve], end: float) -> bool:
    """Whether more than half of the steps would be pressed into the first tenth of the axis."""
    places = [step.at for curve in curves for step in curve.steps[1:]]
    early = sum(at < end / 10 for at in places)
    return end > 100 and len(places) >= 3 and 2 * early > len(places)


def _near(curves: Sequence[Curve], levels: Sequence[Level]) -> Sequence[Level]:
    """Return the levels that do not press the curves together."""
    scores = [step.score for curve in curves for step in curve.steps]
    if not scores:
        return levels
    low, high = min(scores), max(scores)
    room = _FAR * max(high - low, 0.1 * abs(high))
    return [level for level in levels if low - room <= level.value <= high + room]


def _frame(across: Scale, upward: Scale, along: str, metric: str) -> Markup:
    bottom = _HEIGHT - _BOTTOM
    parts: list[Markup] = []
    for value, label in zip(upward.ticks, upward.labels, strict=True):
        y = upward.place(value)
        parts.append(svg.line(_LEFT, y, _WIDTH - _RIGHT, y, "grid"))
        parts.append(svg.text(_LEFT - 8, y + 4, label, "tick", text_anchor="end"))
    for value, label in zip(across.ticks, across.labels, strict=True):
        x = across.place(value)
        parts.append(svg.line(x, bottom, x, bottom + 5, "rule"))
        parts.append(svg.text(x, bottom + 19, label, "tick", text_anchor="middle"))
    parts.append(svg.line(_LEFT, bottom, _WIDTH - _RIGHT, bottom, "rule"))
    named = "samples" if along == "samples" else "time of search"
    name = f"{named}{', logarithmic' if across.log else ''}"
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(svg.text(middle, _HEIGHT - 8, name, "axis", text_anchor="middle"))
    parts.append(svg.text(4, 12, svg.cut(metric, 60), "axis"))
    return svg.element("g", *parts, class_="axes")


def _rules(levels: Sequence[Level], upward: Scale) -> list[Markup]:
    return [
        svg.line(_LEFT, y, _WIDTH - _RIGHT, y, _class(level))
        for level in levels
        for y in [upward.place(level.value)]
    ]


def _labels(
    curves: Sequence[Curve], levels: Sequence[Level], near: Sequence[Level], upward: Scale
) -> list[Markup]:
    """Return what the lines are called, at their right ends, with room between the labels."""
    said: list[tuple[float, str, str]] = []
    for level in levels:
        away = "" if level in near else " ↑" if level.value > upward.high else " ↓"
        label = f"{level.kind} {number(level.value)}{away}"
        said.append((upward.place(level.value), label, _class(level)))
    for place, curve in enumerate(curves):
        if curve.steps:
            score = curve.steps[-1].score
            name = svg.cut(curve.name, 24) if len(curves) > 1 else f"best so far {number(score)}"
            said.append((upward.place(score), name, f"name{place}"))
    said.sort()
    bases = _spread([y for y, _, _ in said])
    return [
        svg.text(_WIDTH - _RIGHT + 8, base + 4, label, f"label {kind}")
        for base, (_, label, kind) in zip(bases, said, strict=True)
    ]


def _spread(wanted: Sequence[float]) -> list[float]:
    """Return places near the wanted ones, which ascend, that are far enough apart."""
    places: list[float] = []
    for y in wanted:
        places.append(max(y, places[-1] + _APART) if places else y)
    lowest = _HEIGHT - _BOTTOM
    for index in range(len(places) - 1, -1, -1):
        places[index] = min(places[index], lowest)
        lowest = places[index] - _APART
    return places


def _class(level: Level) -> str:
    return "known" if level.kind == "best known" else "bound"


def _line(curve: Curve, place: int, across: Scale, upward: Scale) -> Markup:
    points: list[tuple[float, float]] = []
    for step in curve.steps:
        x, y = across.place(step.at), upward.place(step.score)
        if points:
            points.append((x, points[-1][1]))
        points.append((x, y))
    if points:
        points.append((max(points[-1][0], across.place(curve.end)), points[-1][1]))
    return svg.path(points, f"line line{place}")


def _links(curve: Curve, place: int, across: Scale, upward: Scale, along: str) -> list[Markup]:
    parts: list[Markup] = []
    for step in _largest([step for step in curve.steps if step.href], MOST_LINKS):
        x, y = across.place(step.at), upward.place(step.score)
        dot = svg.element("circle", cx=x, cy=y, r=4.0, class_=f"step step{place}")
        where = f"after {_at(step.at, along)}"
        said = " ".join(part for part in (number(step.score), where, step.label) if part)
        parts.append(svg.link(step.href, dot, title=said))
    return parts


def _at(value: float, along: str) -> str:
    if along == "seconds":
        return duration(value)
    return "1 sample" if value == 1 else f"{count(value)} samples"


def _described(curves: Sequence[Curve], levels: Sequence[Level], along: str) -> str:
    said: list[str] = []
    for curve in curves:
        name = f"{svg.cut(curve.name, 60)}: " if len(curves) > 1 else ""
        if not curve.steps:
            said.append(f"{name}no score yet.")
            continue
        first, last = curve.steps[0], curve.steps[-1]
        said.append(
            f"{name}from {number(first.score)} to {number(last.score)} in {len(curve.steps)} steps,"
            f" the last after {_at(last.at, along)} of {_at(curve.end, along)}."
        )
    said += [f"{level.kind}: {number(level.value)}." for level in levels]
    return " ".join(said)
