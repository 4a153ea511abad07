"""An archive of a million programs: its size, and how long it takes to open, resume and rebuild it.

    python -m benchmarks.archive_scale [PROGRAMS] [FOLDER]

The search in it is made up, but one that `resume` takes for its own: programs of the default
islands, two parents each, registered as they come. Takes about half an hour for a million.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks import archive_rate
from evaluators import identity
from funsearch import recording, restoring
from funsearch.archive import index, queries
from funsearch.archive.archive import Archive
from funsearch.archive.queries import Filter
from funsearch.archive.reader import Reader
from funsearch.archive.records import RunRecord
from funsearch.config import Config, compose
from funsearch.session import config_text

DEPTH = 200
"""Steps of the lineage that is asked for."""
_AT_ONCE = 50_000
"""Programs whose texts are in memory together."""


def seconds(call: Callable[[], Any]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def build(folder: Path, config: Config, count: int) -> float:
    """Write an archive; return the seconds that the appends took."""
    text = config_text(config)
    environment = recording.environment_text()
    with Archive.create(folder, text) as archive:
        record = RunRecord(
            event="started",
            problem=config.loaded.problem.name,
            problem_digest=config.loaded.digest,
            instances=config.instances,
            config=sha256(text.encode()).hexdigest(),
            seed=config.run.seed,
            evaluator=identity.evaluator_digest(),
            environment=identity.environment(),
            packages=sha256(environment).hexdigest(),
            log=archive.verifier,
            time=recording.now(),
        )
        archive.append(record, [environment])
        taken = 0.0
        for start in range(0, count, _AT_ONCE):
            programs = archive_rate.texts(min(_AT_ONCE, count - start), start)
            begun = time.perf_counter()
            asyncio.run(archive_rate.drive(archive, programs, start))
            taken += time.perf_counter() - begun
            sys.stderr.write(f"{start + len(programs)} programs\n")
        archive.append(replace(record, event="finished", reason="samples", time=recording.now()))
    return taken


def resume(folder: Path, config: Config) -> None:
    """Do what a resumed run does before it searches."""
    with Archive.open(folder) as archive:
        assert restoring.restored(config, archive).best is not None


def page_ms(reader: Reader, program: str) -> dict[str, float]:
    """Return how long a page of each query takes."""
    index, name = reader.index, "smollm2-135m-instruct"
    pages: dict[str, Callable[[], Any]] = {
        "summary": lambda: queries.summary(index, "max", is_written=False),
        "program": lambda: queries.program(index, program),
        "find": lambda: queries.find(index, program[:8]),
        "descendants": lambda: queries.descended(index, program),
        "best": lambda: queries.leaders(index, "max"),
        "best_of_an_island": lambda: queries.leaders(index, "max", Filter(island=3)),
        "by_sampler": lambda: queries.latest(index, Filter(sampler="openai")),
        "by_model": lambda: queries.latest(index, Filter(model=name)),
        "by_model_and_island": lambda: queries.latest(index, Filter(model=name, island=3)),
        "filtered_away": lambda: queries.latest(index, Filter(model=name, island=99)),
        "by_verdict": lambda: queries.attempts(index, Filter(status="ok")),
        "words": lambda: queries.with_words(index, "self return"),
        "prefix": lambda: queries.with_words(index, "pars*"),
        "phrase": lambda: queries.with_words(index, '"if self"'),
        "rare_phrase": lambda: queries.with_words(index, '"return 12345"'),
        "words_never_together": lambda: queries.with_words(index, "return 12345 54321"),
        "nearest": lambda: queries.nearest(index, reader.object, program),
    }
    return {
        page: round(statistics.median(seconds(ask) for _ in range(3)) * 1e3, 1)
        for page, ask in pages.items()
    }


def measure(count: int, base: Path) -> dict[str, Any]:
    """Return the figures of one archive."""
    folder = base / "run"
    config = compose(["problem=cap_set", "search.reset_registrations=0", "run.seconds=null"])
    taken = build(folder, config, count)
    sizes = {
        name: round(sum(p.stat().st_size for p in folder.rglob(glob) if p.is_file()) / count)
        for name, glob in (("log", "log/**/*"), ("objects", "objects.db*"), ("index", "index.db*"))
    }
    result: dict[str, Any] = {
        "benchmark": "archive_scale",
        "programs": count,
        "programs_per_second": round(count / taken),
        "bytes_per_program": sizes,
        "bytes_per_program_in_all": sum(sizes.values()),
    }
    with Archive.open(folder) as archive:
        start = time.perf_counter()
        state = restoring.restored(config, archive)
        result["resume_from_records_seconds"] = round(time.perf_counter() - start, 2)
        restoring.keep(state, archive, config)
    result["open_seconds"] = round(seconds(lambda: Archive.open(folder).close()), 2)
    result["resume_seconds"] = round(seconds(lambda: resume(folder, config)), 2)
    result["reader_open_seconds"] = round(seconds(lambda: Reader(folder).close()), 2)
    with Reader(folder) as reader:
        program = reader.index.execute(
            "SELECT lower(hex(id)) FROM programs WHERE generation <= ? ORDER BY generation DESC",
            (DEPTH,),
        ).fetchone()[0]
        times = [seconds(lambda: queries.lineage(reader.index, program)) for _ in range(5)]
        result["lineage_steps"] = len(queries.lineage(reader.index, program).steps)
        result["lineage_ms"] = round(statistics.median(times) * 1e3, 1)
        result["page_ms"] = page_ms(reader, program)
    command = [sys.executable, "-m", "funsearch", "archive", "rebuild", str(folder)]
    rebuild = seconds(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
    result["rebuild_seconds"] = round(rebuild, 1)
    start = time.perf_counter()
    result["first_difference"] = index.compare(folder)
    result["compare_seconds"] = round(time.perf_counter() - start, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result["peak_mib"] = round(peak / 1024)
    result["goal"] = {
        "bytes_per_program_in_all": 5000,
        "resume_seconds": 20,
        "lineage_ms": 50,
        "rebuild_seconds": 180,
        "first_difference": None,
    }
    return result


def main() -> None:
    """Print one JSON line."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    parent = sys.argv[2] if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory(dir=parent) as base:
        print(json.dumps(measure(count, Path(base))))


if __name__ == "__main__":
    main()
