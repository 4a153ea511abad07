"""How a run looks while it goes on: a live panel in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from evaluators.containment import Containment
from funsearch.cli.failures import warn_if_unsafe
from funsearch.config import Config
from funsearch.islands import Overview
from funsearch.loop import Progress
from funsearch.session import Observing
from funsearch.spending import Spending
from funsearch.text import duration, number, one_line, scored

if TYPE_CHECKING:
    from rich.console import RenderableType

_RATE_WINDOW_S = 5.0
"""Seconds over which rates are averaged."""


_SHORTEST_STEP_S = 0.2
"""Seconds between two readings that rates are computed from."""


class Display:
    """Shows a run's progress on standard error, so that results stay alone on standard output."""

    def __init__(self, *, quiet: bool) -> None:
        """Begin; `quiet` shows nothing."""
        self._quiet = quiet
        self._terminal = sys.stderr.isatty() and not quiet
        self._config: Config | None = None
        self._history: list[tuple[float, int, int]] = []
        self._live = None

    def observing(self) -> Observing:
        """Return the callbacks for a session."""
        return Observing(self._started, self._progress, 0.25 if self._terminal else 5.0)

    def close(self) -> None:
        """Leave the last state on the screen."""
        if self._live is not None:
            self._live.stop()

    def _started(self, folder: Path, config: Config, containment: Containment) -> None:
        self._config = config
        warn_if_unsafe(containment.names())
        if self._quiet:
            return
        limits = [
            f"{name} {value}" if isinstance(value, int) else f"{name} {value:g}"
            for name, value in (
                ("samples", config.run.samples),
                ("seconds", config.run.seconds),
                ("target", config.run.target),
                ("tokens", config.run.max_tokens),
                ("US dollars", config.run.max_cost),
            )
            if value is not None
        ]
        what = f"{config.loaded.problem.name} {', '.join(config.instances)}"
        until = ", ".join(limits) or "Ctrl-C"
        sys.stderr.write(
            f"searching {one_line(what)} until {until}; run folder {one_line(str(folder), 1000)}\n"
            f"sandbox {containment.line()}\n"
        )
        if self._terminal:
            from rich.console import Console
            from rich.live import Live

            console = Console(stderr=True, markup=False, highlight=False)
            self._live = Live(console=console, auto_refresh=False)
            self._live.start()

    def _progress(self, progress: Progress) -> None:
        if self._quiet:
            return
        if not self._history or progress.seconds - self._history[-1][0] > _SHORTEST_STEP_S:
            self._history.append((progress.seconds, progress.samples, progress.evaluations))
        while (
            self._history[-1][0] - self._history[0][0] > _RATE_WINDOW_S and len(self._history) > 2
        ):
            self._history.pop(0)
        if self._live is not None:
            self._live.update(self._panel(progress), refresh=True)
        else:
            sys.stderr.write(f"{self._headline(progress)}\n")

    def _headline(self, progress: Progress) -> str:
        best = progress.best
        span = max(self._history[-1][0] - self._history[0][0], 1e-9)
        samples = (self._history[-1][1] - self._history[0][1]) / span
        evaluations = (self._history[-1][2] - self._history[0][2]) / span
        parts = [
            duration(progress.seconds) + self._left(progress),
            f"best {scored(best.score, best.flags) if best else number(None)}",
            f"{progress.samples} samples ({samples:.0f}/s)",
            f"{progress.evaluations} verdicts ({evaluations:.0f}/s)",
        ]
        if cost := spent(progress.spending):
            parts.append(cost)
        failures = {k: v for k, v in sorted(progress.verdicts.items()) if k != "ok"}
        if failures:
            parts.append(", ".join(f"{count} {status}" for status, count in failures.items()))
        if progress.paused:
            parts.append(f"PAUSED: {one_line(progress.paused)}")
        return " · ".join(parts)

    def _left(self, progress: Progress) -> str:
        limit = self._config.run.seconds if self._config else None
        return "" if limit is None else f" of {duration(limit)}"

    def _panel(self, progress: Progress) -> RenderableType:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("island", "best", "mean", "programs", "clusters", "resets"):
            table.add_column(column, justify="right")
        for index, island in enumerate(progress.islands):
            table.add_row(*_cells(index, island))
        return Group(Text(self._headline(progress)), table)


def spent(spending: Spending) -> str:
    """Return what samples have cost, such as `1,200 tokens, $0.0031`; empty without a model."""
    if not (spending.tokens or spending.cost or spending.unpriced):
        return ""
    # Two digits that tell something, however small it is.
    digits = max(2, 1 - spending.cost.adjusted()) if spending.cost else 2
    money = f"${spending.cost:.{digits}f}"
    if spending.unpriced:
        unknown = f"cost of {spending.unpriced} samples unknown"
        money = f"{money}, {unknown}" if spending.cost else unknown
    return f"{spending.tokens:,} tokens, {money}"


def _cells(index: int, island: Overview) -> tuple[str, ...]:
    if not island.programs:
        return (str(index), "–", "–", "0", "0", str(island.epoch))
    return (
        str(index),
        number(island.best),
        f"{island.mean:.1f}",
        str(island.programs),
        str(island.clusters),
        str(island.epoch),
    )
