"""How long the browser's pages take to be told on a large archive that is being written.

    python -m benchmarks.browser_facts [PROGRAMS] [FOLDER]

Makes an archive of so many programs in FOLDER/run unless there is one, lets another process append
to it all the time, and asks for each kind of page many times, of random programs and with random
filters. No page is written out as HTML.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import archive_rate, archive_scale
from funsearch.archive.archive import Archive
from funsearch.archive.reader import Reader
from funsearch.browser.facts import compare, lineage, problem, program, programs, runs
from funsearch.browser.facts.attached import Attached
from funsearch.browser.facts.model import Question, Sort
from funsearch.browser.facts.plain import plain
from funsearch.config import compose

PER_SECOND = 100
"""Programs that the other process appends."""
TIMES = 60
"""That each kind of page is asked for."""
_WRITE = "write"
_AT_ONCE = 20
_MODEL = "smollm2-135m-instruct"


def write(folder: Path, start: int) -> None:
    """Append programs until standard input ends."""
    begun, told = time.monotonic(), False
    with Archive.open(folder) as archive:
        while not _ended():
            texts = archive_rate.texts(_AT_ONCE, start)
            asyncio.run(archive_rate.drive(archive, texts, start))
            start += _AT_ONCE
            if not told:
                sys.stdout.write("at work\n")
                sys.stdout.flush()
                told = True
            begun += _AT_ONCE / PER_SECOND
            time.sleep(max(0.0, begun - time.monotonic()))


def _ended() -> bool:
    return bool(select.select([sys.stdin], [], [], 0)[0])


@contextmanager
def writing(folder: Path, start: int) -> Iterator[None]:
    """Let another process append to a run."""
    command = [sys.executable, "-m", "benchmarks.browser_facts", _WRITE, str(folder), str(start)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdout.readline()
        try:
            yield
        finally:
            child.stdin.close()


def pages(attached: Attached, names: list[str], draws: random.Random) -> dict[str, Any]:
    """Return what asks for each kind of page, of something else each time."""
    orders: tuple[Sort, ...] = ("newest", "oldest", "best", "worst")

    def table(**asked: Any) -> Callable[[], Any]:
        return lambda: programs.page(attached, Question(sort=draws.choice(orders), **asked))

    def two() -> Any:
        return compare.programs(attached, draws.choice(names), draws.choice(names))

    return {
        "runs": lambda: runs.page([attached]),
        "run": lambda: runs.run(attached),
        "programs": table(),
        "programs_of_island": lambda: table(island=draws.randrange(10))(),
        "programs_of_sampler_and_island": lambda: table(
            sampler="openai", island=draws.randrange(10)
        )(),
        "programs_of_model_tier_and_status": table(model=_MODEL, tier="interpreter", status="ok"),
        "programs_that_nothing_is": table(model=_MODEL, island=99),
        "programs_with_words": table(text="self return"),
        "programs_with_phrase_on_island": table(text='"if self"', island=3),
        "program": lambda: program.page(attached, draws.choice(names)),
        "lineage": lambda: lineage.page(attached, draws.choice(names)),
        "compared_programs": two,
        "compared_runs": lambda: compare.runs(attached, attached),
        "problem": lambda: problem.page(attached),
    }


def measure(count: int, base: Path) -> dict[str, Any]:
    """Return the figures of one archive."""
    folder = base / "run"
    config = compose(["problem=cap_set", "search.reset_registrations=0", "run.seconds=null"])
    if not folder.exists():
        archive_scale.build(folder, config, count)
    with Reader(folder) as reader:
        query = "SELECT count(*), max(first) FROM programs"
        found, last = reader.index.execute(query).fetchone()
        size_before = reader.log.size
    draws = random.Random(0)
    with writing(folder, found), Attached.open(folder) as attached:
        start = time.perf_counter()
        first_page = archive_scale.seconds(lambda: runs.page([attached]))
        attached.tally.follow()
        counting = time.perf_counter() - start
        wanted = [draws.randrange(last) for _ in range(500)]
        query = "SELECT lower(hex(id)) FROM programs WHERE first >= ? ORDER BY first LIMIT 1"
        names = [attached.reader.index.execute(query, (at,)).fetchone()[0] for at in wanted]
        milliseconds: dict[str, list[float]] = {}
        size: dict[str, int] = {}
        for name, ask in pages(attached, names, draws).items():
            times: list[float] = []
            for _ in range(TIMES):
                attached.tally.follow(0.02)
                begun = time.perf_counter()
                page = ask()
                times.append((time.perf_counter() - begun) * 1e3)
                size[name] = max(size.get(name, 0), len(json.dumps(plain(page))))
            milliseconds[name] = sorted(times)
        written = attached.tally.size() - size_before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "benchmark": "browser_facts",
        "programs": found,
        "records_written_meanwhile": written,
        "first_page_seconds": round(first_page, 2),
        "counting_seconds": round(counting, 1),
        "p95_ms": {
            name: round(times[int(0.95 * TIMES)], 1) for name, times in milliseconds.items()
        },
        "median_ms": {name: round(times[TIMES // 2], 1) for name, times in milliseconds.items()},
        "largest_json_bytes": size,
        "peak_mib": round(peak / 1024),
        "goal": {"p95_ms": 100},
    }


def main() -> None:
    """Print one JSON line."""
    if sys.argv[1:2] == [_WRITE]:
        write(Path(sys.argv[2]), int(sys.argv[3]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    if len(sys.argv) > 2:
        print(json.dumps(measure(count, Path(sys.argv[2]))))
        return
    with tempfile.TemporaryDirectory() as base:
        print(json.dumps(measure(count, Path(base))))


if __name__ == "__main__":
    main()
