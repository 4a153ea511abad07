"""`models`: what each sampler and model brought to a run, and what that cost."""

from __future__ import annotations

from typing import Any

from funsearch.archive import runs as folders
from funsearch.archive.queries.contributions import Contribution, contributions
from funsearch.archive.reader import Reader
from funsearch.cli import output
from funsearch.cli.judgements import Retracted
from funsearch.cli.records import facts_of

_UNKNOWN = "–"
_ALWAYS = (
    *("sampler", "samples", "valid", "duplicates", "failures", "better", "best"),
    *("tokens", "cost", "cost per best", "s/sample"),
)
"""Columns that are shown for every run; the others only where one would not be empty."""


def models(run: str, *, json: bool) -> None:
    """Say what each sampler and model of a run brought."""
    folder = folders.resolve_run(run, folders.runs_root())
    with Reader(folder) as reader:
        standing = Retracted.of(reader).standing
        rows, more = contributions(reader.index, facts_of(reader).direction, standing)
    if json:
        for row in rows:
            output.json_line(_as_json(row))
        return
    if not rows:
        output.line("no samples yet")
        return
    cells = [_cells(row) for row in rows]
    columns = [name for name in cells[0] if name in _ALWAYS or any(row[name] for row in cells)]
    right = [name for name in columns if name not in ("sampler", "model", "failures")]
    output.table(columns, [[row[name] for name in columns] for row in cells], right=right)
    if more:
        output.line()
        output.line(f"there are more; these are the {len(rows)} with the most samples")


def _cells(row: Contribution) -> dict[str, str]:
    """Return what is shown of a row, by column."""
    failures = sorted(row.failures.items(), key=lambda each: (-each[1], each[0]))
    tokens = _UNKNOWN if row.tokens is None else f"{row.tokens:,}"
    return {
        "sampler": row.sampler,
        "model": f"{row.model} (served: {row.served})" if row.served else row.model,
        "samples": f"{row.samples:,}",
        "valid": f"{row.ok / row.samples:.1%}",
        "duplicates": f"{row.duplicates:,}",
        "failures": ", ".join(f"{status} {count:,}" for status, count in failures) or "none",
        "waiting": f"{row.waiting:,}" if row.waiting else "",
        "retracted": f"{row.retracted:,}" if row.retracted else "",
        "better": f"{row.better:,}",
        "best": f"{row.best:,}",
        "tokens": f"{tokens} ({row.uncounted:,} not told)" if row.uncounted else tokens,
        "cost": _cost(row),
        "cost per best": _UNKNOWN if row.cost_per_best is None else f"${row.cost_per_best:.4g}",
        "s/sample": f"{row.seconds / row.samples:.3g}",
    }


def _cost(row: Contribution) -> str:
    """Return what is known of the cost, and of how many samples it is not."""
    if row.cost is None:
        return "unknown" if row.unpriced else _UNKNOWN
    known = f"${row.cost:.4f}" if row.cost >= 0.01 else f"${row.cost:.3g}"
    return f"{known} and {row.unpriced:,} unknown" if row.unpriced else known


def _as_json(row: Contribution) -> dict[str, Any]:
    """Return a row as a JSON object."""
    return {
        "sampler": row.sampler,
        "model": row.model or None,
        "served": row.served or None,
        "samples": row.samples,
        "valid": row.ok,
        "duplicates": row.duplicates,
        "failures": row.failures,
        "waiting": row.waiting,
        "retracted": row.retracted,
        "better": row.better,
        "best": row.best,
        "tokens": row.tokens,
        "tokens_unknown": row.uncounted,
        "cost": row.cost,
        "cost_unknown": row.unpriced,
        "cost_per_best": row.cost_per_best,
        "seconds_per_sample": row.seconds / row.samples,
    }
