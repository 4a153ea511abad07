"""Durable appends: both records, source and reply of each program, acknowledged with fsync.

    python -m benchmarks.archive_rate [PROGRAMS] [FOLDER]

Three archives, one after the other; the figures are those of the one with the median rate. The
texts are functions of Python's own library: the reply as it stands there, the source in
canonical form. They differ more among themselves than the programs of a search do, so they
compress less. Folder: where the archive is made, and removed again; it decides what fsync costs.
"""

from __future__ import annotations

import ast
import asyncio
import hashlib
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path

from evaluators.parser import Refused
from evaluators.program import canonical
from funsearch.archive.archive import Archive, Receipt
from funsearch.archive.reader import Reader
from funsearch.archive.records import Conditions, EvaluationRecord, GenerationRecord

RUNS = 3
WINDOW = 64
CONDITIONS = Conditions("c" * 64, "d" * 64, "e" * 64)
BYTES = range(900, 1700)


@dataclass(frozen=True)
class Texts:
    """Source and reply of one program, and the digest of either."""

    source: bytes
    reply: bytes

    @property
    def program(self) -> str:
        """Id of the program."""
        return hashlib.sha256(self.source).hexdigest()

    @property
    def answer(self) -> str:
        """Digest of the reply."""
        return hashlib.sha256(self.reply).hexdigest()


def library_functions() -> Iterator[tuple[str, str]]:
    """Yield canonical source and text of functions of about 1 kB."""
    for path in sorted(Path(os.__file__).parent.glob("*.py")):
        text = path.read_text(errors="replace")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                reply = ast.get_source_segment(text, node) or ""
                if len(reply) in BYTES:
                    try:
                        yield canonical(node, "priority").source, reply
                    except Refused:
                        continue


@cache
def _functions() -> list[tuple[str, str]]:
    functions = list(islice(library_functions(), 2000))
    random.Random(0).shuffle(functions)
    return functions


def texts(count: int, start: int = 0) -> list[Texts]:
    """Return as many different programs, in no particular order; others for another start."""
    functions = _functions()
    return [
        Texts(
            f"{source}\n    return {number}".encode(),
            f"{reply}\n        return {number}".encode(),
        )
        for number in range(start, start + count)
        for source, reply in [functions[number % len(functions)]]
    ]


def generation(program: Texts, number: int, parents: tuple[str, str]) -> GenerationRecord:
    """Return the record of an answer of a language model."""
    return GenerationRecord(
        program=program.program,
        rejected="",
        draw=number,
        index=0,
        island=number % 10,
        epoch=0,
        registrations=number,
        parents=parents,
        prompt=hashlib.sha256(b"prompt %d" % number).hexdigest(),
        template="e" * 64,
        reply=program.answer,
        sampler="openai",
        model="smollm2-135m-instruct",
        served="smollm2-135m-instruct",
        parameters={"max_tokens": 512, "temperature": "0.8"},
        sample_seed=number,
        prompt_tokens=700,
        completion_tokens=300,
        finish="stop",
        seconds=1.2345,
        time=f"{time.time():.6f}",
    )


def evaluation(program: str, record: int, number: int) -> EvaluationRecord:
    """Return the record of a verdict that is `ok`."""
    score = float(number % 512)
    return EvaluationRecord(
        generation=record,
        program=program,
        status="ok",
        conditions=CONDITIONS,
        score=score,
        scores={"n=8": score},
        tier="interpreter",
        seconds=0.012345,
        cpu_seconds=0.011234,
        registered=True,
        time=f"{time.time():.6f}",
    )


async def first(archive: Archive, program: Texts) -> None:
    """Append the program that others descend from."""
    record = replace(
        generation(program, 0, ("", "")), draw=None, island=None, parents=(), prompt="", template=""
    )
    receipt = archive.append(record, [program.source, program.reply])
    await asyncio.wrap_future(receipt.acknowledged)


async def drive(archive: Archive, programs: list[Texts], start: int = 0) -> list[float]:
    """Append all programs, so many at a time; return the seconds that each append took.

    Args:
        archive: to append to.
        programs: different ones.
        start: number of the first. Parents are those so many before, which is how far apart
            programs are that are under way together; the first one starts all.
    """
    if not start:
        await first(archive, programs[0])
    back = min(start, 2 * WINDOW)
    known = [program.program for program in (*texts(back, start - back), *programs)]
    pending = iter(enumerate(programs))
    durations: list[float] = []

    def append(record: GenerationRecord | EvaluationRecord, *objects: bytes) -> Receipt:
        start = time.perf_counter()
        receipt = archive.append(record, objects)
        durations.append(time.perf_counter() - start)
        return receipt

    async def work() -> None:
        for place, program in pending:
            number = start + place
            parents = [known[max(0, back + place - steps * WINDOW)] for steps in (1, 2)]
            record = generation(program, number, (parents[0], parents[1]))
            receipt = append(record, program.source, program.reply)
            await asyncio.wrap_future(receipt.acknowledged)
            assert record.program is not None
            verdict = append(evaluation(record.program, receipt.number, number))
            await asyncio.wrap_future(verdict.acknowledged)

    await asyncio.gather(*(work() for _ in range(WINDOW)))
    return durations


def measure(count: int, folder: Path) -> dict[str, str | float | int]:
    """Return the figures of one archive."""
    programs = texts(count)
    run = folder / "run"
    with Archive.create(run, "benchmark: archive_rate\n") as archive:
        start, processor = time.perf_counter(), time.process_time()
        durations = asyncio.run(drive(archive, programs))
        seconds, processor = time.perf_counter() - start, time.process_time() - processor
        archive.flush()
        lag = time.perf_counter() - start - seconds
    start = time.perf_counter()
    Archive.open(run).close()
    opening = time.perf_counter() - start
    with Reader(run) as reader:
        assert reader.object(programs[-1].program) == programs[-1].source
    sizes = {
        name: sum(path.stat().st_size for path in run.rglob(f"{pattern}") if path.is_file()) / count
        for name, pattern in (
            ("log", "log/**/*"),
            ("objects", "objects.db*"),
            ("index", "index.db*"),
        )
    }
    durations.sort()
    return {
        "benchmark": "archive_rate",
        "programs": count,
        "window": WINDOW,
        "text_bytes": round(statistics.mean(len(p.source) + len(p.reply) for p in programs)),
        "programs_per_second": round(count / seconds),
        "cpu_us_per_program": round(processor / count * 1e6),
        "append_us_median": round(statistics.median(durations) * 1e6),
        "append_us_p99": round(durations[len(durations) * 99 // 100] * 1e6),
        "index_lag_seconds": round(lag, 2),
        "open_seconds": round(opening, 2),
        **{f"{name}_bytes_per_program": round(size) for name, size in sizes.items()},
    }


def main() -> None:
    """Print one JSON line."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    parent = sys.argv[2] if len(sys.argv) > 2 else None
    found: list[dict[str, str | float | int]] = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory(dir=parent) as folder:
            found.append(measure(count, Path(folder)))
    found.sort(key=lambda figures: figures["programs_per_second"])
    print(json.dumps(found[RUNS // 2]))


if __name__ == "__main__":
    main()
