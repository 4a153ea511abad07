"""The archive's share of a default search's processor time, its threads and all appends included.

    python -m benchmarks.archive_share [SECONDS]

Of the search's own process and of the evaluators, which are its children.
"""

import json
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import funsearch
from funsearch.archive.archive import Archive, Receipt
from funsearch.archive.records import Record

THREADS = ("archive", "archive-index")


class Meter:
    """Adds up processor seconds of calls and of threads that end."""

    def __init__(self) -> None:
        self.appending = 0.0
        self.threads = 0.0


def measure(seconds: float) -> dict[str, float | str]:
    """Return the figures of one search."""
    meter = Meter()
    append, run = Archive.append, threading.Thread.run

    def timed(self: Archive, record: Record, objects: Iterable[bytes] = ()) -> Receipt:
        start = time.thread_time()
        try:
            return append(self, record, objects)
        finally:
            meter.appending += time.thread_time() - start

    def counted(self: threading.Thread) -> None:
        run(self)
        if self.name in THREADS:
            meter.threads += time.thread_time()

    Archive.append = timed
    threading.Thread.run = counted
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        outcome = funsearch.run(
            f"run.dir={folder}/run", f"run.seconds={seconds}", "run.verify_seconds=0"
        )
    own = resource.getrusage(resource.RUSAGE_SELF)
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
    archive = meter.appending + meter.threads
    return {
        "benchmark": "archive_share",
        "samples": outcome.progress.samples,
        "processor_seconds": round(total, 2),
        "appending_seconds": round(meter.appending, 2),
        "thread_seconds": round(meter.threads, 2),
        "share": round(archive / total, 4),
        "goal": "0.10 at most",
    }


if __name__ == "__main__":
    print(json.dumps(measure(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)))
