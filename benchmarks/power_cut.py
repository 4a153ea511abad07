"""Cuts the power of the archive's writer at more than a hundred moments, and opens what is left.

The file system calls of three writers, one after the other in one folder, are traced by `strace`:
the first ends by itself, the second kills itself, the third takes over. From the calls follows
what a disk has at any moment, and what it may lose when the power is cut: every write, file name
and file size that no fsync had covered. All of that is dropped; or a part of it, at random, with
writes torn at the borders of sectors; for a disk that promises as little about names as POSIX
does, and for one that keeps their order (`benchmarks.faults.disk`). What is left is opened, gone on
with, and opened again (`benchmarks.faults.remains`). Prints one JSON line.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from benchmarks.faults.disk import Disk, Promise
from benchmarks.faults.remains import missing
from benchmarks.faults.replay import Kind, Replay
from benchmarks.faults.trace import Event, Untraceable, trace
from benchmarks.faults.writer import CREATED, Acknowledged, parse

WRITERS = (["0", "250"], ["10000", "250", "kill"], ["12000", "400"])
"""Arguments of each: its first program, and how far it goes."""
MOMENTS = {Kind.TOLD: 30, Kind.NAMED: 20, Kind.TIDIED: 20, Kind.SYNCING: 30, Kind.OTHER: 40}
"""How many, evenly spread over the events of a kind; over all events for the last."""
MEMORY = Path("/dev/shm")
"""Where what is left is opened: the disk under test is the model, the real one need not be slow."""


@dataclass
class Outcome:
    """What was seen at all moments.

    Attributes:
        states: how many folders were opened.
        lost: records, acknowledged before a cut, that were not there after it.
        unopenable: how many folders did not open, or could not be gone on with.
    """

    states: int = 0
    lost: int = 0
    unopenable: int = 0


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
    disk: Disk, base: Path, told: Sequence[Acknowledged] | None, name: str, outcome: Outcome
) -> None:
    """Cut the power in each way, and count.

    Args:
        disk: as it is at the moment.
        base: where there is room.
        told: what was acknowledged before; None while the archive is being made.
        name: of the moment; it also decides what is lost at random.
        outcome: to count in.
    """
    for promise in Promise:
        for draws in (None, random.Random(name + promise.value)):
            target = base / "left"
            disk.lose_power(target, promise, draws)
            outcome.states += 1
            try:
                outcome.lost += (lost := missing(target / "run", told or ()))
                complaint = f"{lost} records lost" if lost else ""
            except Exception as error:
                outcome.unopenable += told is not None
                complaint = f"{type(error).__name__}: {error}" if told is not None else ""
            if complaint:
                way = "part is lost" if draws else "all is lost"
                sys.stderr.write(f"{name}, {promise.value} names, {way}: {complaint}\n")
            rmtree(target)


def cut_everywhere(
    root: Path, base: Path, events: Iterable[Event | None], moments: dict[int, Kind]
) -> tuple[Outcome, int]:
    """Replay all events and cut the power at the moments; return what was acknowledged, too."""
    replay, outcome = Replay(root), Outcome()
    told: list[Acknowledged] | None = None
    for number, event in enumerate(events):
        if event is None:
            replay.forget()
            continue
        if replay.apply(event) is Kind.TOLD:
            (text,) = event.call.strings
            if text == CREATED:
                told = []
            else:
                assert told is not None
                told.append(parse(text))
        if (kind := moments.get(number)) is not None:
            cut(replay.disk, base, told, f"event {number} ({kind.value})", outcome)
    return outcome, len(told or ())


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
        outcome, acknowledged = cut_everywhere(root, Path(base), events, moments)
    figures = {
        "benchmark": "power_cut",
        "method": "strace",
        "events": len(events),
        "mapped": mapped,
        "moments": len(moments),
        "states": outcome.states,
        "records_acknowledged": acknowledged,
        "lost": outcome.lost,
        "unopenable": outcome.unopenable,
        "seconds": round(time.perf_counter() - start),
        "goal": {"lost": 0, "unopenable": 0},
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
