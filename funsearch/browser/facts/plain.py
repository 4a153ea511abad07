"""Facts as what JSON and CSV can hold: the twin of each page, with its keys in a fixed order."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from funsearch.archive.queries import ProgramRow
from funsearch.browser.facts.model import Programs, Runs

_LARGEST = 2**53
"""Whole numbers beyond it are written as texts, since many readers of JSON would round them."""

PROGRAM_COLUMNS = (
    "id", "first", "generation", "island", "sampler", "model", "status", "score", "flags",
    "length", "retractions", "reason",
)  # fmt: skip
RUN_COLUMNS = (
    "run", "problem", "state", "best", "program", "best_known", "bound", "samples", "programs",
    "seconds",
)  # fmt: skip


def plain(value: Any) -> Any:
    """Return facts as JSON-able data.

    A dataclass becomes an object with its fields in order, a mapping one with sorted keys; a
    number that is not finite becomes `"nan"`, `"inf"` or `"-inf"`, bytes become hex digits.

    Raises:
        TypeError: it is of another kind.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return _scalar(value)
    if isinstance(value, Mapping):
        items: Mapping[Any, Any] = value
        return {_text(str(key)): plain(items[key]) for key in sorted(items, key=str)}
    if isinstance(value, (tuple, list)):
        several: Sequence[Any] = value
        return [plain(item) for item in several]
    raise TypeError(f"{type(value).__name__} is no kind of fact")


def _scalar(value: float | str | bytes | None) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _LARGEST:
        return str(value)
    return value


def _text(text: str) -> str:
    """Return a text that can be encoded: half a character becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def csv_rows(page: Programs | Runs) -> list[list[str]]:
    """Return the table of a page as rows of texts, its head first.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    if isinstance(page, Programs):
        return [list(PROGRAM_COLUMNS), *(_program_cells(row) for row in page.rows)]
    rows: list[list[str]] = [list(RUN_COLUMNS)]
    for card in page.runs:
        best, metric = card.best, card.metric
        cells = [
            card.run,
            card.problem,
            card.state,
            None if best is None else best.score,
            "" if best is None else best.id,
            metric.best_known,
            metric.bound,
            card.samples,
            card.programs,
            card.seconds,
        ]
        rows.append([_cell(cell) for cell in cells])
    return rows


def _program_cells(row: ProgramRow) -> list[str]:
    cells = [getattr(row, name) for name in PROGRAM_COLUMNS]
    return [_cell(" ".join(cell) if isinstance(cell, tuple) else cell) for cell in cells]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        text = _text(value)
        return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text
    return repr(value) if isinstance(value, float) else str(value)
