"""The files of a comparison: curves and rows as CSV, all of it as JSON."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from funsearch.comparing.report import Comparison
from funsearch.comparing.results import Result
from funsearch.parts import RunError

CURVES, SUMMARY_CSV, SUMMARY_JSON, PICTURE = (
    "curves.csv",
    "summary.csv",
    "summary.json",
    "curves.png",
)


def write(comparison: Comparison, folder: Path) -> list[Path]:
    """Write what can be computed with; return the files.

    Raises:
        RunError: they cannot be written.
    """
    paths = [folder / name for name in (CURVES, SUMMARY_CSV, SUMMARY_JSON)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _table(paths[0], ("setting", "seed", "samples", "seconds", "best"), _points(comparison))
        rows = [_cells(each) for each in as_json(comparison)["settings"]]
        _table(paths[1], tuple(rows[0]), [tuple(row.values()) for row in rows])
        paths[2].write_text(json.dumps(as_json(comparison), indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise RunError(f"{folder} cannot be written: {error.strerror}") from None
    return paths


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Return all of it as plain data; what is not known is None."""
    meaning = comparison.meaning
    return {
        "problem": meaning.problem,
        "instances": list(meaning.instances),
        "metric": meaning.metric,
        "unit": meaning.unit,
        "direction": meaning.direction,
        "best_known": meaning.best_known,
        "settings": [
            {
                "setting": row.setting,
                "seeds": row.best.count,
                "mean": row.best.mean,
                "standard_deviation": _known(row.best.deviation),
                "median": row.best.median,
                "min": row.best.least,
                "max": row.best.most,
                "median_samples_to_best": row.samples_to_best,
                "median_seconds": round(row.seconds, 3),
                "mean_cost_usd": row.cost,
                "runs": [_run(run) for run in row.runs],
            }
            for row in comparison.rows
        ],
        "against_first": [
            {
                "setting": row.setting,
                "first": comparison.rows[0].setting,
                "difference_of_means": found.difference,
                "interval_95": [_known(found.low), _known(found.high)],
                "chance_of_better": found.chance,
                "p": found.p,
                "p_holm": found.corrected,
                "verdict": comparison.verdict(place),
            }
            for place, (row, found) in enumerate(
                zip(comparison.rows[1:], comparison.against_first, strict=True), 1
            )
        ],
        "notes": list(comparison.notes),
    }


def _run(run: Result) -> dict[str, Any]:
    return {
        "seed": run.seed,
        "folder": str(run.folder),
        "best": run.best.score,
        "samples_to_best": run.best.samples,
        "samples": run.course.samples,
        "seconds": round(run.course.seconds, 3),
        "tokens": run.course.tokens,
        "cost_usd": None if run.course.unpriced else run.course.cost,
        "ended": run.ended,
    }


def _cells(setting: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in setting.items() if key != "runs"}


def _points(comparison: Comparison) -> Iterable[tuple[Any, ...]]:
    """Yield where each curve rises, and where it ends."""
    for row in comparison.rows:
        for run in row.runs:
            for point in run.course.improvements:
                yield row.setting, run.seed, point.samples, round(point.seconds, 3), point.score
            end = run.course
            yield row.setting, run.seed, end.samples, round(end.seconds, 3), run.best.score


def _table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
