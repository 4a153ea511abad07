"""`models`: what each sampler and model brought to a run, and what that cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from funsearch.archive import runs as folders
from funsearch.archive.queries.contributions import Contribution, contributions
from funsearch.archive.reader import Reader
from funsearch.cli import output
from funsearch.cli.judgements import Retracted
from funsearch.cli.records import facts_of

_BROUGHT = ("samples", "valid", "duplicates", "better", "best", "others")
_COST = ("tokens", "cost $", "$ per best", "s/sample")
"""Columns of the second table; one that would be empty is left out."""


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
    _table(cells, _BROUGHT)
    output.line()
    _table(cells, _COST)
    if more:
        output.line()
        output.line(f"there are more; these are the {len(rows)} with the most samples")


def _table(cells: Sequence[Mapping[str, str]], columns: Sequence[str]) -> None:
    columns = [name for name in columns if any(row[name] for row in cells)]
    names = [name for name in ("sampler", "model") if any(row[name] for row in cells)]
    numbers = [name for name in columns if name != "others"]
    shown = [*names, *columns]
    output.table(shown, [[row[name] for name in shown] for row in cells], numbers, numbers)


def _cells(row: Contribution) -> dict[str, str]:
    """Return what is shown of a row, by column."""
    others = sorted(row.failures.items(), key=lambda each: (-each[1], each[0]))
    others += [("waiting", row.waiting), ("retracted", row.retracted)]
    return {
        "sampler": row.sampler,
        "model": f"{row.model} (served: {row.served})" if row.served else row.model,
        "samples": f"{row.samples:,}",
        "valid": f"{row.ok / row.samples:.1%}",
        "duplicates": f"{row.duplicates:,}",
        "better": f"{row.better:,}",
        "best": f"{row.best:,}",
        "others": ", ".join(f"{what} {count:,}" for what, count in others if count),
        "tokens": _known(row.tokens, ",", row.uncounted),
        "cost $": _known(row.cost, ".4g", row.unpriced),
        "$ per best": "" if row.cost_per_best is None else f"{row.cost_per_best:.4g}",
        "s/sample": f"{row.seconds / row.samples:.3g}",
    }


def _known(total: float | None, form: str, unknown: int) -> str:
    """Return a sum as far as it is known: a lower bound if some of it is not."""
    if total is None:
        return "unknown" if unknown else ""
    return f"≥ {total:{form}}" if unknown else f"{total:{form}}"


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
