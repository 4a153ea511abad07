"""The endpoint is killed and started again, ten times in a run: what is lost, what paid twice?

`noop_endpoint`, a process of its own, is killed with requests in flight and comes back on the same
port half a second later. Its ledger has a line for each reply that it handed over. Lost are
choices of such replies without a generation record; paid twice is a request that was answered
more than once, told by its seed; missing are samples that the run was to make. Prints one JSON
line.

Usage: endpoint_outages.py [SAMPLES] (default 1,000)
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from funsearch import api
from funsearch.archive.archive import Archive
from funsearch.archive.records import GenerationRecord

OUTAGES = 10
LATENCY_S = 0.5
DOWN_S = 0.5
HERE = Path(__file__).resolve().parent


class Server:
    """A server that dies, and comes back, at even distances of replies."""

    def __init__(self, ledger: Path, samples: int) -> None:
        self._ledger = ledger
        self._step = samples // 4 // (OUTAGES + 1)
        self._process, self.port = self._start(0)
        self.deaths = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._kill_now_and_then)
        self._thread.start()

    def _start(self, port: int) -> tuple[subprocess.Popen[bytes], int]:
        command = [sys.executable, str(HERE / "noop_endpoint.py"), str(port), str(LATENCY_S)]
        process = subprocess.Popen([*command, str(self._ledger)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        return process, int(process.stdout.readline())

    def _kill_now_and_then(self) -> None:
        while self.deaths < OUTAGES and not self._ended.wait(0.02):
            if len(self._ledger.read_text().splitlines()) >= (self.deaths + 1) * self._step:
                self._stop()
                self.deaths += 1
                time.sleep(DOWN_S)
                self._process, _ = self._start(self.port)

    def _stop(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def close(self) -> None:
        """Stop for good."""
        self._ended.set()
        self._thread.join()
        self._stop()


def main() -> None:
    """Measure and print."""
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        ledger, run = Path(folder) / "ledger", Path(folder) / "run"
        ledger.touch()
        server = Server(ledger, samples)
        begin = time.perf_counter()
        try:
            outcome = api.run(
                f"problem={HERE / 'noop_problem.py'}",
                "sampler=openai",
                "sampler.model=noop",
                f"sampler.base_url=http://127.0.0.1:{server.port}/v1",
                "sampler.concurrency=16",
                "run.seconds=null",
                "run.verify_seconds=0",
                f"run.samples={samples}",
                f"run.dir={run}",
            )
        finally:
            server.close()
        seconds = time.perf_counter() - begin
        with Archive.open(run) as archive:
            found = [each for _, each in archive.records()]
        recorded = Counter(
            each.sample_seed
            for each in found
            if isinstance(each, GenerationRecord) and each.draw is not None
        )
        paid = [tuple(map(int, line.split())) for line in ledger.read_text().splitlines()]
    answered = Counter(seed for seed, _ in paid)
    result = {
        "benchmark": "endpoint_outages",
        "outages": server.deaths,
        "ended": outcome.reason,
        "samples": recorded.total(),
        "missing": samples - recorded.total(),
        "lost": sum(max(0, choices - recorded[seed]) for seed, choices in paid),
        "paid_twice": sum(times - 1 for times in answered.values()),
        "failures_on_record": outcome.progress.outages,
        "seconds": round(seconds, 1),
        "goal": {"outages": OUTAGES, "missing": 0, "lost": 0, "paid_twice": 0},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
