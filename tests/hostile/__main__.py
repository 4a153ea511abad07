"""Runs all hostile programs in every mode: `python -m tests.hostile [--mode TEXT] [NAME ...]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from evaluators.verdict import Status
from tests.hostile import modes
from tests.hostile.corpus import corpus
from tests.hostile.modes import MODES, Mode, Outcome


def main() -> int:
    """Run the modes asked for, print a table, and return 1 if anything was unexpected."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("names", nargs="*", help="programs, such as loops/spin; all by default")
    parser.add_argument("--mode", default="", help="only modes whose name contains this")
    parser.add_argument("--rounds", type=int, default=2, help="how often in a row, in one pool")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    known = {each.name for each in corpus()}
    if unknown := set(options.names) - known:
        parser.error(f"no program called {', '.join(sorted(unknown))}")
    programs = len(options.names) or len(known)
    chosen = [mode for mode in MODES if options.mode in mode.name]
    outcomes = _run(chosen, programs, options)
    _show(outcomes, programs)
    return int(not all(outcome.good for outcome in outcomes) or not outcomes)


def _run(chosen: list[Mode], programs: int, options: argparse.Namespace) -> list[Outcome]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:
        outcomes: list[Outcome] = []
        for mode in chosen:
            task = progress.add_task(mode.name, total=programs * options.rounds)
            outcomes.append(
                modes.run(
                    mode,
                    rounds=options.rounds,
                    workers=options.workers,
                    names=options.names,
                    progress=lambda outcome, task=task: progress.update(
                        task, completed=outcome.hostile
                    ),
                )
            )
    return outcomes


def _show(outcomes: list[Outcome], programs: int) -> None:
    console = Console(width=125, soft_wrap=True)
    columns = [Column(each.mode.name, justify="right", overflow="fold") for each in outcomes]
    table = Table(Column("", no_wrap=True), *columns, box=box.SIMPLE, pad_edge=False)

    def row(name: str, number: Callable[[Outcome], int]) -> None:
        table.add_row(name, *("–" if each.unavailable else str(number(each)) for each in outcomes))

    row("as expected", lambda each: each.hostile + each.honest - len(each.unexpected))
    row("unexpected", lambda each: len(each.unexpected))
    row("left behind", lambda each: len(each.left))
    row("seconds", lambda each: round(each.seconds))
    for status in Status:
        if any(each.statuses.get(status) for each in outcomes):
            row(status, lambda each, status=status: each.statuses.get(status, 0))
    console.print(f"{programs} hostile programs, and honest ones between them", table, sep="\n")
    for each in outcomes:
        about = each.containment or f"not here: {each.unavailable}"
        console.print(Text(f"{each.mode.name}: {about}"))
        for line in each.unexpected + [f"left behind: {left}" for left in each.left]:
            console.print(Text(f"{each.mode.name}: {line}"), style="red")


if __name__ == "__main__":
    sys.exit(main())
