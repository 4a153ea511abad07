"""Pages as HTML: templates escape whatever they are given, and see nothing but facts and words."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from funsearch import text
from funsearch.browser.facts.model import Count, Metric
from funsearch.browser.pages import addresses, assets
from funsearch.browser.pages.addresses import twin

_LONG = 400
"""Characters of a name or a reason on a page."""


def page(template: str, /, **context: Any) -> bytes:
    """Return a page from its template."""
    return _environment().get_template(template).render(**context).encode("utf-8", "replace")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(
        number=text.number,
        line=lambda value: text.one_line(str(value), _LONG),
        block=text.block,
        count=count,
        grouped=grouped,
        duration=text.duration,
        moment=moment,
        short=lambda value: value[:12],
        size=size,
    )
    known: dict[str, Any] = made.globals
    known.update(to=addresses, twin=twin, asset=assets.address, standing=standing, ended=ended)
    return made


def count(value: Count) -> str:
    """Return a number of things, such as `1 204` or `10 000+`."""
    return grouped(value.number) + ("" if value.exact else "+")


def grouped(value: int) -> str:
    """Return a whole number with a comma at each thousand."""
    return f"{value:,}"


def moment(value: float | None) -> str:
    """Return a moment in universal time, such as `2026-01-31 12:00:00`."""
    if value is None:
        return "–"
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(value))
    except (OverflowError, ValueError, OSError):
        return "–"


def size(value: int) -> str:
    """Return a number of bytes."""
    return f"{value} bytes" if value < 10_000 else f"{value / 1000:.0f} kB"


def ended(state: str) -> str:
    """Return how a run stands: `running`, or what ended it."""
    return state if state in ("running", "interrupted", "empty") else f"ended: {state}"


def standing(score: float | None, metric: Metric) -> Iterable[str]:
    """Return, in words, how a score stands against what is known."""
    if score is None:
        return
    sign = 1 if metric.direction == "max" else -1
    if metric.best_known is not None:
        ahead = sign * (score - metric.best_known)
        known = text.number(metric.best_known)
        if ahead > 0:
            yield f"beyond the best known, {known}"
        elif ahead == 0:
            yield f"equals the best known, {known}"
        else:
            yield f"{text.number(-ahead)} short of the best known, {known}"
    if metric.bound is not None and score == metric.bound:
        yield f"reaches the proven bound, {text.number(metric.bound)}"
