"""`top`: a run as it is at this moment, told from its folder alone while another process writes."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from funsearch.archive import files
from funsearch.archive import runs as folders
from funsearch.archive.errors import ArchiveError, Missing
from funsearch.browser.facts import runs as pages
from funsearch.browser.facts.attached import Attached
from funsearch.browser.facts.model import Island
from funsearch.cli import output
from funsearch.text import duration, number, one_line, scored

if TYPE_CHECKING:
    from rich.console import RenderableType

_WINDOW_S = 60.0
"""Seconds over which rates are averaged."""
_MOST_TIMES = 20_000
"""Records that a rate is computed from; at higher rates they span less than the window."""
_MOST_ISLANDS = 30
"""Islands that are told one by one."""
_SHORT = 12
"""Hex digits of an ID."""

_TIMES = "SELECT time FROM {} ORDER BY number DESC LIMIT ?"
_COUNTS = "SELECT (SELECT count(*) FROM generations), (SELECT count(*) FROM evaluations)"


@dataclass(frozen=True)
class Snapshot:
    """A run at one moment.

    Attributes:
        run: its folder.
        problem: its name.
        state: `running`, or how it ended.
        seconds: of search so far.
        samples: so far.
        programs: different ones so far.
        evaluations: verdicts so far, rejections included.
        waiting: generations without a verdict.
        samples_per_second: over the last minute; None where nothing is written any more.
        evaluations_per_second: likewise.
        best: score, or None.
        best_flags: of its verdict.
        program: id of the best program; empty if there is none.
        best_known: score that others have reached, or None.
        unit: of scores.
        verdicts: status → how many.
        islands: in order.
        resets: of islands.
        outages: requests that a sampler failed to answer.
        last_outage: why the last one failed. Hostile: escape it wherever it is shown.
        tokens: that models have read and written.
        cost: in US dollars, as far as it is known.
        unpriced: samples of a model whose cost is not known.
        counted: whether all records are counted; a long run takes a moment.
    """

    run: str
    problem: str
    state: str
    seconds: float
    samples: int
    programs: int
    evaluations: int
    waiting: int
    samples_per_second: float | None
    evaluations_per_second: float | None
    best: float | None
    best_flags: tuple[str, ...]
    program: str
    best_known: float | None
    unit: str
    verdicts: Mapping[str, int]
    islands: tuple[Island, ...]
    resets: int
    outages: int
    last_outage: str
    tokens: int
    cost: float
    unpriced: int
    counted: bool


def top(name: str | None, *, every_s: float, once: bool, json: bool) -> None:
    """Show a run until nothing writes it any more.

    Args:
        name: of the run; None for the latest that is being written, else the latest.
        every_s: seconds between two looks.
        once: look once.
        json: one object a line for each look.
    """
    folder = _latest() if name is None else folders.resolve_run(name, folders.runs_root())
    with closing(Attached.open(folder)) as attached:
        if json or once or not sys.stdout.isatty():
            _print(attached, every_s, once=once, json=json)
        else:
            _live(attached, every_s)


def _latest() -> Path:
    root = folders.runs_root()
    found = folders.find_runs(root)
    if not found:
        raise Missing(f"no runs under {root}; to make one: funsearch run")
    return next((run for run in reversed(found) if files.has_writer(run)), found[-1])


def look(attached: Attached, now: float) -> Snapshot:
    """Return a run as it is.

    Args:
        attached: the run.
        now: seconds since the epoch.

    Raises:
        ArchiveError: its folder cannot be read any more.
    """
    try:
        attached.tally.follow(1.0)
        page, best = pages.run(attached), attached.best()
        index = attached.reader.index
        generations, evaluations = index.execute(_COUNTS).fetchone()
        running = page.card.state == "running"
        started = page.card.started or 0.0
        rates = [_rate(index, each, started, now) for each in ("generations", "evaluations")]
    except sqlite3.Error as error:
        raise ArchiveError(f"{attached.reader.folder}: its index cannot be read: {error}") from None
    metric = attached.metric
    return Snapshot(
        run=page.card.folder,
        problem=page.card.problem,
        state=page.card.state,
        seconds=page.card.seconds,
        samples=page.card.samples,
        programs=page.card.programs,
        evaluations=evaluations,
        waiting=max(0, generations - evaluations),
        samples_per_second=rates[0] if running else None,
        evaluations_per_second=rates[1] if running else None,
        best=best.score if best else None,
        best_flags=best.flags if best else (),
        program=best.id if best else "",
        best_known=metric.best_known,
        unit=metric.unit,
        verdicts=page.statuses,
        islands=page.islands,
        resets=page.resets,
        outages=page.outages,
        last_outage=page.last_outage,
        tokens=sum(each.tokens for each in page.contributions),
        cost=sum(each.cost for each in page.contributions),
        unpriced=sum(each.unpriced for each in page.contributions),
        counted=page.card.counted,
    )


def _rate(index: sqlite3.Connection, table: str, started: float, now: float) -> float:
    """Return records a second over the last minute, or over as much of it as is looked at."""
    times: list[float] = []
    for (written,) in index.execute(_TIMES.format(table), (_MOST_TIMES,)):
        if written is None or written < now - _WINDOW_S:
            break
        times.append(written)
    if not times:
        return 0.0
    # What is not looked at, or was before the run began, is no time without records.
    begin = times[-1] if len(times) == _MOST_TIMES else max(now - _WINDOW_S, started)
    return len(times) / max(now - begin, 1.0)


def _print(attached: Attached, every_s: float, *, once: bool, json: bool) -> None:
    """Print a look a line; the whole of it, if there is one only."""
    while True:
        seen = look(attached, time.time())
        if json:
            output.json_line(asdict(seen))
        elif once:
            _whole(seen)
        else:
            output.line(_headline(seen))
        sys.stdout.flush()
        if once or seen.state != "running":
            return
        time.sleep(every_s)


def _live(attached: Attached, every_s: float) -> None:
    from rich.live import Live

    with Live(console=output.console(), auto_refresh=False) as live:
        while True:
            seen = look(attached, time.time())
            live.update(_panel(seen), refresh=True)
            if seen.state != "running":
                return
            time.sleep(every_s)


def _headline(seen: Snapshot) -> str:
    """Return the one line that says most."""
    parts = [
        seen.state if seen.state != "running" else duration(seen.seconds),
        f"best {scored(seen.best, seen.best_flags)}",
        f"{seen.samples} samples{_per_second(seen.samples_per_second)}",
        f"{seen.evaluations} verdicts{_per_second(seen.evaluations_per_second)}",
        f"{seen.waiting} waiting",
    ]
    failed = {status: count for status, count in seen.verdicts.items() if status != "ok"}
    parts += [f"{count} {one_line(status)}" for status, count in failed.items()]
    if seen.outages:
        parts.append(f"{seen.outages} outages")
    return " · ".join(parts)


def _per_second(rate: float | None) -> str:
    return "" if rate is None else f" ({rate:.1f}/s)"


def _pairs(seen: Snapshot) -> list[tuple[str, str]]:
    """Return what is told of a run, by name."""
    known = "" if seen.best_known is None else f" (best known {number(seen.best_known)})"
    best = "none"
    if seen.best is not None:
        score = f"{scored(seen.best, seen.best_flags)} {seen.unit}".rstrip()
        best = f"{score}{known}, program {seen.program[:_SHORT]}"
    verdicts = ", ".join(f"{count} {status}" for status, count in seen.verdicts.items())
    samples = f"{seen.samples}{_per_second(seen.samples_per_second)}, {seen.programs} programs"
    pairs = [
        ("run", seen.run),
        ("state", f"{seen.state}, {seen.problem}, {duration(seen.seconds)} of search"),
        ("best", best),
        ("samples", samples + ("" if seen.counted else ", still counting")),
        ("verdicts", f"{seen.evaluations}{_per_second(seen.evaluations_per_second)}: {verdicts}"),
        ("waiting", f"{seen.waiting} generations without a verdict"),
    ]
    if seen.tokens or seen.cost or seen.unpriced:
        unknown = f", cost of {seen.unpriced} samples unknown" if seen.unpriced else ""
        pairs.append(("spent", f"{seen.tokens:,} tokens, ${seen.cost:.4g}{unknown}"))
    if seen.outages:
        pairs.append(("outages", f"{seen.outages}, the last: {one_line(seen.last_outage)}"))
    return pairs


def _islands(islands: Sequence[Island]) -> list[tuple[str, ...]]:
    return [
        (str(each.index), number(each.best), str(each.size), str(each.resets))
        for each in islands[:_MOST_ISLANDS]
    ]


_COLUMNS = ("island", "best", "programs", "resets")


def _whole(seen: Snapshot) -> None:
    output.facts(_pairs(seen))
    if seen.islands:
        output.line()
        output.table(_COLUMNS, _islands(seen.islands), right=_COLUMNS)
    if len(seen.islands) > _MOST_ISLANDS:
        output.line(f"and {len(seen.islands) - _MOST_ISLANDS} more islands")


def _panel(seen: Snapshot) -> RenderableType:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    facts = Table(box=None, pad_edge=False, show_header=False)
    for name, value in _pairs(seen):
        facts.add_row(name, Text(one_line(value, 400)))
    islands = Table(box=None, pad_edge=False, header_style="bold")
    for column in _COLUMNS:
        islands.add_column(column, justify="right")
    for row in _islands(seen.islands):
        islands.add_row(*row)
    return Group(facts, "", islands)
