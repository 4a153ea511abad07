"""Cuts the power of the archive's writer at more than a hundred moments, and opens what is left.

The file system calls of three writers, one after the other in one folder, are traced by `strace`:
the first ends by itself, the second kills itself, the third takes over. From the calls follows
what a disk has at any moment, and what it may lose when the power is cut: every write, file name
and file size that no fsync had covered. All of that is dropped; or a part of it, at random, with
writes torn at the borders of sectors; for a disk that promises as little about names as POSIX
does, and for one that keeps their order (`benchmarks.faults.disk`). What is left is opened, gone
on with, and opened again (`benchmarks.faults.remains`); at every other moment it is read before
that. Prints one JSON line.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import cycle
from pathlib import Path
from shutil import rmtree

from benchmarks.faults.disk import Disk, Promise
from benchmarks.faults.remains import missing, unseen
from benchmarks.faults.replay import Kind, Replay
from benchmarks.faults.trace import Event, Untraceable, trace
from benchmarks.faults.writer import Acknowledged, parse
from funsearch.archive.errors import ArchiveError

WRITERS = (["0", "250"], ["10000", "250", "kill"], ["12000", "400"])
"""Arguments of each: its first program, and how far it goes."""
MOMENTS = {Kind.TOLD: 25, Kind.NAMED: 20, Kind.TIDIED: 15, Kind.SYNCING: 25, Kind.OTHER: 35}
"""How many, evenly spread over the events of a kind; over all events for the last."""
MEMORY = Path("/dev/shm")
"""Where what is left is opened: the disk under test is the model, the real one need not be slow."""

Checks = Sequence[tuple[Callable[[Path, Iterable[Acknowledged]], int], str]]
WRITER_FIRST: Checks = [(missing, "unopenable")]
READER_FIRST: Checks = [(unseen, "unreadable"), *WRITER_FIRST]


def record_writers(root: Path) -> tuple[list[Event | None], list[Kind], list[str]]:
    """Run the writers; return all events, what each means, and which files were mapped.

    A writer's end is None among the events.

    Raises:
        Untraceable: that cannot be done.
    """
    replay = Replay(root)
    events: list[Event | None] = []
    kinds: list[Kind] = []
    for arguments in WRITERS:
        command = [sys.executable, "-m", "benchmarks.faults.writer", str(root / "run"), *arguments]
        happened = trace(command, root.with_name("trace"))
        kinds += [replay.apply(event) for event in happened]
        ends = replay.exit()
        kinds += [Kind.OTHER] * (len(ends) + 1)
        events += [*happened, *ends, None]
    unknown = [name for name in replay.mapped if not name.endswith("-shm")]
    if unknown:
        raise Untraceable(f"{unknown} are written through memory, where no call tells what")
    return events, kinds, sorted(replay.mapped)


def choose(kinds: Sequence[Kind]) -> dict[int, Kind]:
    """Return after which events the power is cut, and why there."""
    chosen: dict[int, Kind] = {}
    for kind, most in MOMENTS.items():
        places = [n for n, found in enumerate(kinds) if found is kind or kind is Kind.OTHER]
        step = max(1, len(places) // most)
        chosen.update(dict.fromkeys(places[step - 1 :: step][:most], kind))
    return chosen


def cut(
    disk: Disk, target: Path, told: Sequence[Acknowledged] | None, name: str, checks: Checks
) -> Iterator[tuple[str, int, str]]:
    """Cut the power in each way, and open what is left.

    Args:
        disk: as it is at the moment.
        target: where to open it.
        told: what was acknowledged before; None while the archive is being made.
        name: of the moment; it also decides what is lost at random.
        checks: how to open it, and what to count if that fails.

    Yields:
        What went wrong, how often, and how exactly; or that one more was opened.
    """
    for promise in Promise:
        for draws in (None, random.Random(name + promise.value)):
            disk.lose_power(target, promise, draws)
            way = f"{name}, {promise.value} names, {'a part' if draws else 'all'} is lost"
            yield "states", 1, ""
            for find, wrong in checks:
                try:
                    if lost := find(target / "run", told or ()):
                        yield "lost", lost, f"{way}: {lost} of {len(told or ())} records"
                except Exception as error:
                    # What was never finished need not open, if that is what it says.
                    if told is not None or not isinstance(error, ArchiveError):
                        yield wrong, 1, f"{way}: {type(error).__name__}: {error}"
            rmtree(target)


def cut_everywhere(
    root: Path, base: Path, events: Iterable[Event | None], moments: dict[int, Kind]
) -> dict[str, int]:
    """Replay all events, cut the power at the moments, and count what was seen."""
    replay = Replay(root)
    counts = {"records_acknowledged": 0, "states": 0, "lost": 0, "unopenable": 0, "unreadable": 0}
    told: list[Acknowledged] | None = None
    orders = cycle([WRITER_FIRST, READER_FIRST])
    for number, event in enumerate(events):
        if event is None:
            replay.forget()
            continue
        if replay.apply(event) is Kind.TOLD:
            if told is None:
                told = []
            else:
                told.append(parse(event.call.strings[0]))
        if (kind := moments.get(number)) is not None:
            name = f"event {number} ({kind.value})"
            for seen, times, why in cut(replay.disk, base / "left", told, name, next(orders)):
                counts[seen] += times
                if why:
                    sys.stderr.write(f"{seen}: {why}\n")
    counts["records_acknowledged"] = len(told or ())
    return counts


def main() -> None:
    """Trace, cut, and print."""
    start = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as written,
        tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as base,
    ):
        root = Path(written).resolve() / "disk"
        root.mkdir()
        try:
            events, kinds, mapped = record_writers(root)
        except Untraceable as error:
            sys.exit(str(error))
        moments = choose(kinds)
        counts = cut_everywhere(root, Path(base), events, moments)
    figures = {
        "benchmark": "power_cut",
        "method": "strace",
        "events": len(events),
        "mapped": mapped,
        "moments": len(moments),
        **counts,
        "seconds": round(time.perf_counter() - start),
        "goal": {"lost": 0, "unopenable": 0, "unreadable": 0},
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
