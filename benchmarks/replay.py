"""A default search, driven again five times from its replies: alike each time, and how much faster.

Prints one JSON line.

Usage: replay.py [SAMPLES]; the search makes that many (default 20,000).
"""

import json
import statistics
import sys
import tempfile
from pathlib import Path

import funsearch

REPLAYS = 5


def main() -> None:
    """Measure and print."""
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as base:
        folder = f"{base}/run"
        settings = (f"run.samples={samples}", f"run.dir={folder}", "run.verify_seconds=0")
        outcome = funsearch.run("run.seconds=null", *settings)
        replays = [funsearch.replay(folder) for _ in range(REPLAYS)]
    reached = outcome.progress
    identical = sum(
        replay.difference is None
        and replay.state == replays[0].state
        and replay.islands == reached.islands
        and replay.best == reached.best
        and replay.verdicts == reached.verdicts
        for replay in replays
    )
    seconds = statistics.median(replay.seconds for replay in replays)
    print(
        json.dumps(
            {
                "benchmark": "replay",
                "samples": reached.samples,
                "records": replays[0].records,
                "replays": REPLAYS,
                "identical": identical,
                "run_seconds": round(reached.seconds, 1),
                "replay_seconds_median": round(seconds, 2),
                "times_faster": round(reached.seconds / seconds, 1),
                "goal": {"identical": REPLAYS, "times_faster": 3},
            }
        )
    )


if __name__ == "__main__":
    main()
