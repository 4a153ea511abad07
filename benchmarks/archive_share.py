"""The archive's share of a default search's processor time, its threads and all appends included.

    python -m benchmarks.archive_share [SECONDS]

Of the search's own process and of all evaluators below it, those that ended included.
"""

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import funsearch
from benchmarks.kill_nine import descendants
from funsearch.archive.archive import Archive, Receipt
from funsearch.archive.records import Record

THREADS = ("archive", "archive-index")


class Meter:
    """Adds up processor seconds: of calls, of threads that end, and of all processes."""

    def __init__(self) -> None:
        self.appending = 0.0
        self.threads = dict.fromkeys(THREADS, 0.0)
        self.processes = 0.0
        self.ended = threading.Event()

    def watch(self) -> None:
        """Look at all processes until the search has ended."""
        while not self.ended.wait(0.5):
            family = {os.getpid(), *descendants(os.getpid())}
            self.processes = max(self.processes, sum(map(processor_seconds, family)))


def processor_seconds(process: int) -> float:
    """Return what a process and those that it waited for have used; 0 if it is gone."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


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
            meter.threads[self.name] += time.thread_time()

    Archive.append = timed
    threading.Thread.run = counted
    watcher = threading.Thread(target=meter.watch)
    watcher.start()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        outcome = funsearch.run(
            f"run.dir={folder}/run", f"run.seconds={seconds}", "run.verify_seconds=0"
        )
    meter.ended.set()
    watcher.join()
    archive = meter.appending + sum(meter.threads.values())
    return {
        "benchmark": "archive_share",
        "samples": outcome.progress.samples,
        "processor_seconds": round(meter.processes, 2),
        "appending_seconds": round(meter.appending, 2),
        "writing_seconds": round(meter.threads["archive"], 2),
        "indexing_seconds": round(meter.threads["archive-index"], 2),
        "share": round(archive / meter.processes, 4),
        "goal": "0.10 at most",
    }


if __name__ == "__main__":
    print(json.dumps(measure(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)))
