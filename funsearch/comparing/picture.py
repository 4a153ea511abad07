"""The best score so far against samples: a line for the median, a band for the middle half."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from funsearch.comparing.report import Comparison, Row
from funsearch.comparing.results import Result
from funsearch.parts import RunError
from funsearch.text import number, one_line

# Colours that people with any kind of colour vision tell apart (M. Okabe, K. Ito, Color Universal
# Design, 2008); where there are more settings than colours, the kind of line tells them apart.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_LINES = ("-", "--", "-.", ":")
_LONGEST_NAME = 40
INSTALL = "pip install 'funsearch[plots]'"


class NoPlots(Exception):
    """matplotlib is not installed; the message says what to do."""


def draw(comparison: Comparison, path: Path) -> None:
    """Draw the curves as a PNG.

    Args:
        comparison: whose runs are drawn.
        path: of the file.

    Raises:
        NoPlots: nothing can be drawn here.
        RunError: the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise NoPlots(f"no picture: matplotlib is not installed; {INSTALL}") from None
    figure = Figure(figsize=(8, 5), dpi=150, layout="constrained")
    axes = figure.subplots()
    for place, row in enumerate(comparison.rows):
        colour = _COLOURS[place % len(_COLOURS)]
        line = _LINES[(place + place // len(_COLOURS)) % len(_LINES)]
        samples, scores = _steps(row)
        low, middle, high = np.quantile(scores, [0.25, 0.5, 0.75], axis=0)
        name = f"{_plain(row.setting)} (n={row.best.count})"
        axes.step(samples, middle, line, where="post", color=colour, label=name, linewidth=1.8)
        axes.fill_between(samples, low, high, step="post", color=colour, alpha=0.18, linewidth=0)
    _label(axes, comparison)
    # Outside of the axes, so that it hides no curve however many settings there are.
    figure.legend(loc="outside lower center", ncols=min(3, len(comparison.rows)), frameon=False)
    try:
        figure.savefig(path)
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error.strerror}") from None


def _label(axes: Any, comparison: Comparison) -> None:
    meaning = comparison.meaning
    known, scores = meaning.best_known, [r.best.score for row in comparison.rows for r in row.runs]
    low, high = axes.get_ylim()
    # A line far above all curves would only press them together.
    if known is not None and low - (high - low) <= known <= high + (high - low):
        axes.axhline(known, color="0.45", linewidth=1, linestyle=(0, (1, 2)))
        at_top = known >= max(scores)
        axes.annotate(
            f"best known {number(known)}",
            (0.01, known),
            xycoords=("axes fraction", "data"),
            xytext=(0, 3 if at_top else -3),
            textcoords="offset points",
            va="bottom" if at_top else "top",
            fontsize=8,
            color="0.35",
        )
        axes.margins(y=0.08)
    longest = max(row.runs[0].course.samples for row in comparison.rows)
    if longest > 100:
        axes.set_xscale("log")
    axes.set_xlim(1, max(2, longest))
    axes.set_xlabel("samples")
    unit = f" ({_plain(meaning.unit)})" if meaning.unit else ""
    axes.set_ylabel(f"best {_plain(meaning.metric)} so far{unit}")
    what = f"{_plain(meaning.problem)} {_plain(', '.join(meaning.instances))}"
    better = "larger" if meaning.direction == "max" else "smaller"
    axes.set_title(f"{what}: median and middle half of seeds; {better} is better", fontsize=10)
    axes.grid(visible=True, color="0.9", linewidth=0.6)
    axes.set_axisbelow(True)


def _steps(row: Row) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where any run of a setting improves, and the best so far of each run there.

    Returns:
        Samples, shape (points,), from 1 to the end of the shortest run; scores, shape
        (runs, points).
    """
    end = min(run.course.samples for run in row.runs)
    rises = {point.samples for run in row.runs for point in run.course.improvements}
    samples = sorted({1, end, *(place for place in rises if 1 < place < end)})
    return np.array(samples, float), np.array([_at(run, samples) for run in row.runs])


def _at(run: Result, samples: Sequence[int]) -> list[float]:
    """Return the best score after so many samples, for each; before the first one, the first."""
    points = run.course.improvements
    places = np.searchsorted([point.samples for point in points], samples, side="right") - 1
    return [points[max(0, place)].score for place in places]


def _plain(text: str) -> str:
    """Return a text that matplotlib takes as it is, dollar signs included."""
    return one_line(text, _LONGEST_NAME).replace("$", r"\$")
