"""`compare`: settings of a search side by side, on equal budgets, with what chance can explain."""

from __future__ import annotations

import math
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from evaluators.containment import Containment
from funsearch.archive import runs as folders
from funsearch.cli import output
from funsearch.cli.app import INTERRUPTED
from funsearch.cli.failures import say, warn_if_unsafe
from funsearch.cli.ticker import Ticker
from funsearch.comparing import picture, racing, report, results, settings, writing
from funsearch.comparing.report import Comparison
from funsearch.comparing.results import Result
from funsearch.comparing.settings import ENOUGH_SEEDS, Budget, Setting, Task
from funsearch.config import Config, ConfigError
from funsearch.interruption import Interrupted
from funsearch.loop import Progress
from funsearch.session import Observing, Outcome
from funsearch.text import duration, number, one_line


def race(
    arguments: Sequence[str],
    limits: Mapping[str, Any],
    seeds: int,
    out: str | None,
    *,
    few_seeds: bool,
    json: bool,
) -> None:
    """Make the runs of some settings, and compare them."""
    budget = Budget(**limits)
    if budget == Budget():
        raise ConfigError(
            "say how much each run may use: --samples N (equal on every machine), --seconds S, "
            "--max-tokens N or --max-cost USD"
        )
    if seeds < ENOUGH_SEEDS and not few_seeds:
        raise ConfigError(
            f"--seeds {seeds}: fewer than {ENOUGH_SEEDS} hardly tell a difference from chance; "
            "add --few-seeds if that is what you want"
        )
    chosen = settings.read(arguments, budget)
    folder = Path(out) if out is not None else _folder(chosen[0])
    tasks = settings.tasks(chosen, seeds, folder)
    show = _Shown(tasks, budget, quiet=json)
    try:
        found = racing.race(tasks, show.watch, show.made)
    except (KeyboardInterrupt, Interrupted):
        show.close()
        sys.stderr.write(f"stopped; to go on: {_again(folder, given=out is not None)}\n")
        raise typer.Exit(INTERRUPTED) from None
    finally:
        show.close()
    _finish(found, [f"each run had {budget.text()}"], folder, json=json)


def look(names: Sequence[str], samples: int | None, out: str | None, *, json: bool) -> None:
    """Compare runs that are there."""
    found = results.results_of(names)
    results.check_comparable(found)
    cut, most = results.at_equal_samples(found, samples)
    notes = [f"each run is looked at after {most} samples"]
    if samples is None:
        notes = [f"each run is looked at after {most} samples, which all of them have"]
    if len(cut) < len(found):
        notes.append(f"{len(found) - len(cut)} runs with fewer samples are left out")
    _finish(cut, notes, None if out is None else Path(out), json=json)


def _finish(
    found: Sequence[Result], notes: Sequence[str], folder: Path | None, *, json: bool
) -> None:
    comparison = report.compare(found, notes)
    written = [] if folder is None else writing.write(comparison, folder)
    if folder is not None:
        try:
            picture.draw(comparison, folder / writing.PICTURE)
            written.append(folder / writing.PICTURE)
        except picture.NoPlots as error:
            say(str(error))
    if json:
        output.json_line({**writing.as_json(comparison), "files": [str(path) for path in written]})
        return
    _print(comparison)
    if written:
        output.line(f"\nwritten: {one_line(', '.join(map(str, written)), 2000)}")


def _print(comparison: Comparison) -> None:
    meaning = comparison.meaning
    known = "" if meaning.best_known is None else f", best known {number(meaning.best_known)}"
    better = "larger" if meaning.direction == "max" else "smaller"
    what = f"{meaning.problem} {', '.join(meaning.instances)}: best {meaning.metric} of each run"
    output.line(one_line(f"{what} in {meaning.unit or 'numbers'}, {better} is better{known}", 500))
    output.line()
    costs = any(row.cost != 0 for row in comparison.rows)
    columns = ["setting", "seeds", "mean", "sd", "median", "min", "max", "to best", "seconds"]
    rows = [
        [
            row.setting,
            str(row.best.count),
            _short(row.best.mean),
            _short(row.best.deviation),
            number(row.best.median),
            number(row.best.least),
            number(row.best.most),
            f"{row.samples_to_best:g}",
            f"{row.seconds:.1f}",
            *([_cost(row.cost)] if costs else []),
        ]
        for row in comparison.rows
    ]
    columns += ["cost"] if costs else []
    output.table(columns, rows, right=columns[1:], whole=columns[1:])
    output.line()
    for place in range(1, len(comparison.rows)):
        output.line(one_line(_against_first(comparison, place), 500))
    output.line("to best: median samples until the best score; interval: bootstrap of the means;")
    output.line("p: permutation test")
    for note in comparison.notes:
        output.line(f"note: {one_line(note, 500)}")


def _against_first(comparison: Comparison, place: int) -> str:
    """Return how a setting compares with the first one, as a sentence."""
    found, pairs = comparison.against_first[place - 1], len(comparison.against_first)
    together = f", {found.corrected:.2g} for all {pairs} pairs (Holm)" if pairs > 1 else ""
    return (
        f"{comparison.rows[place].setting} against {comparison.rows[0].setting}: "
        f"{comparison.verdict(place)}; difference of means {found.difference:+.4g}, "
        f"95 % interval {found.low:+.4g} to {found.high:+.4g}, "
        f"better in {100 * found.chance:.0f} % of pairs, p {found.p:.2g}{together}"
    )


def _short(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.5g}"


def _cost(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4f} USD"


def _folder(setting: Setting) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    problem = setting.config.loaded.problem.name
    return folders.runs_root() / f"{stamp}-{problem}-comparison"


def _again(folder: Path, *, given: bool) -> str:
    """Return the command that goes on: this one, with the folder that was chosen."""
    words = ["funsearch", *sys.argv[1:], *([] if given else ["--out", str(folder)])]
    return one_line(shlex.join(words), 4000)


class _Shown:
    """Tells on standard error how far a comparison is."""

    def __init__(self, tasks: Sequence[Task], budget: Budget, *, quiet: bool) -> None:
        self._tasks, self._budget, self._quiet = tasks, budget, quiet
        self._ticker = Ticker(quiet=quiet)
        self._warned = False

    def watch(self, number: int, task: Task) -> Observing:
        """Return who hears of one run."""
        name = f"run {number + 1} of {len(self._tasks)}, {task.setting} seed {task.seed}"

        def started(_: Path, __: Config, containment: Containment) -> None:
            if not self._warned:
                warn_if_unsafe(containment.names())
                self._warned = True

        def progress(now: Progress) -> None:
            best = "–" if now.best is None else f"{now.best.score:.10g}"
            paused = f" · PAUSED: {one_line(now.paused)}" if now.paused else ""
            self._ticker(
                f"{name}: {duration(now.seconds)} · best {best} · {now.samples} samples{paused}"
            )

        return Observing(started, progress, 0.25)

    def made(self, number: int, task: Task, outcome: Outcome | None) -> None:
        """Say what a run came to."""
        if self._quiet:
            return
        self._ticker.close()
        name = f"run {number + 1} of {len(self._tasks)}, {task.setting} seed {task.seed}"
        if outcome is None:
            sys.stderr.write(f"{name}: finished before\n")
            return
        best = "–" if outcome.best is None else f"{outcome.best.score:.10g}"
        now = outcome.progress
        sys.stderr.write(f"{name}: best {best}, {now.samples} samples in {now.seconds:.1f} s\n")

    def close(self) -> None:
        """Leave an empty line."""
        self._ticker.close()
