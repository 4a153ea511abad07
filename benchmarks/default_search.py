"""The default search at n = 8 for 60 seconds, ten seeds, beside plain sampling from the seed.

Seeds 100 to 109 are for this measurement alone and were never used while tuning. The baseline
`iid` gets exactly as many samples as the default search made with the same seed. Prints one JSON
line.

Usage: default_search.py [SECONDS [SEEDS]]
"""

import json
import statistics
import sys
import tempfile
from pathlib import Path

import funsearch

FIRST_SEED = 100


def best_of(*overrides: str) -> tuple[float, int, float]:
    """Return best score, samples and seconds of one run."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        outcome = funsearch.run(*overrides, f"run.dir={folder}/run", "run.verify_seconds=0")
    assert outcome.best is not None
    return outcome.best.score, outcome.progress.samples, outcome.progress.seconds


def main() -> None:
    """Measure and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    search: list[float] = []
    samples: list[int] = []
    baseline: list[float] = []
    for seed in range(FIRST_SEED, FIRST_SEED + count):
        score, made, _ = best_of(f"run.seconds={seconds}", f"run.seed={seed}")
        search.append(score)
        samples.append(made)
        score, _, _ = best_of(
            "search=iid", "run.seconds=null", f"run.samples={made}", f"run.seed={seed}"
        )
        baseline.append(score)
        sys.stderr.write(f"seed {seed}: {search[-1]:g} with {made} samples, iid {score:g}\n")
    print(
        json.dumps(
            {
                "benchmark": "default_search",
                "seconds": seconds,
                "seeds": [FIRST_SEED, FIRST_SEED + count - 1],
                "best": search,
                "median": statistics.median(search),
                "at_least_464": sum(score >= 464 for score in search),
                "samples": samples,
                "iid_best_on_equal_samples": baseline,
                "iid_median": statistics.median(baseline),
                "goal": {"median": 448, "at_least_464": 4, "better_than_iid": True},
            }
        )
    )


if __name__ == "__main__":
    main()
