"""Tables for people, JSON lines for programs; nothing hostile reaches a terminal as it is."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from funsearch.text import one_line

if TYPE_CHECKING:
    from rich.console import Console


@lru_cache(maxsize=1)
def console() -> Console:
    """Return the console for standard output; no markup, so that text means itself."""
    from rich.console import Console

    return Console(markup=False, highlight=False, soft_wrap=True)


def line(text: str = "") -> None:
    """Print a line of our own, already safe."""
    sys.stdout.write(f"{text}\n")


def json_line(record: Mapping[str, Any]) -> None:
    """Print one JSON object on one line, ASCII only."""
    sys.stdout.write(json.dumps(record, separators=(",", ":")) + "\n")


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[str] = (),
    whole: Sequence[str] = (),
) -> None:
    """Print a table; every cell is made one safe line.

    Args:
        columns: headings.
        rows: cells.
        right: headings of the columns of numbers.
        whole: headings of the columns that others make room for.
    """
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        drawn.add_column(
            column,
            justify="right" if column in right else "left",
            overflow="fold",
            no_wrap=column in whole,
        )
    for row in rows:
        drawn.add_row(*(Text(one_line(cell, 400)) for cell in row))
    console().print(drawn)


def facts(pairs: Sequence[tuple[str, str]]) -> None:
    """Print names and values, aligned."""
    width = max(len(name) for name, _ in pairs)
    for name, value in pairs:
        line(f"{name:<{width}}  {one_line(value, 2000)}")
