"""The sampler `syntax` on one problem, several seeds, beside plain sampling on equal samples.

The budget is in seconds or in samples; the latter does not depend on how busy the machine is. The
baseline `iid` gets exactly as many samples as the search made with the same seed. Prints one JSON
line.

Usage: python -m benchmarks.syntax_search [PROBLEM [N]] [--seconds S | --samples S] [--seeds COUNT]
           [--first SEED] [--set KEY=VALUE ...]

PROBLEM is symmetric_cap_set or cap_set, with N = 8 unless given, or online_bin_packing, which is
then u500 and needs FUNSEARCH_DATA. Seeds from 200 on were never used while tuning.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import funsearch

GOALS: dict[tuple[str, float], dict[int | None, float]] = {
    ("symmetric_cap_set", 60): {5: 45, 6: 112, 7: 225, 8: 496},
    ("symmetric_cap_set", 600): {5: 45, 6: 112, 7: 236, 8: 512},
    ("cap_set", 600): {8: 464},
    ("online_bin_packing", 600): {None: 4.3},
}
"""Best scores to reach, by problem, seconds and n."""


def best_of(*overrides: str) -> tuple[float, int, float]:
    """Return best score, samples and seconds of one run."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        outcome = funsearch.run(*overrides, f"run.dir={folder}/run", "run.verify_seconds=0")
    assert outcome.best is not None
    return outcome.best.score, outcome.progress.samples, outcome.progress.seconds


def budget(seconds: float | None, samples: int | None) -> tuple[str, str]:
    """Return the overrides that end a run, None standing for no limit."""
    named = {"seconds": seconds, "samples": samples}
    first, second = (
        f"run.{key}={'null' if value is None else value}" for key, value in named.items()
    )
    return first, second


def arguments() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("problem", nargs="?", default="symmetric_cap_set")
    parser.add_argument("n", type=int, nargs="?")
    limits = parser.add_mutually_exclusive_group()
    limits.add_argument("--seconds", type=float)
    limits.add_argument("--samples", type=int)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=200)
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE")
    asked = parser.parse_args()
    if asked.n is None and asked.problem != "online_bin_packing":
        asked.n = 8
    if asked.seconds is None and asked.samples is None:
        asked.seconds = 60.0
    return asked


def main() -> None:
    """Measure and print."""
    asked = arguments()
    instances = f"problem.n={asked.n}" if asked.n is not None else "problem.data=u500"
    own = [f"problem={asked.problem}", instances, *asked.set]
    search: list[float] = []
    baseline: list[float] = []
    made: list[int] = []
    took: list[float] = []
    for seed in range(asked.first, asked.first + asked.seeds):
        limits = budget(asked.seconds, asked.samples)
        score, samples, seconds = best_of(*own, *limits, f"run.seed={seed}")
        plain, _, _ = best_of(*own, "search=iid", *budget(None, samples), f"run.seed={seed}")
        search.append(score)
        baseline.append(plain)
        made.append(samples)
        took.append(round(seconds, 1))
        sys.stderr.write(f"seed {seed}: {score:g} with {samples} samples, iid {plain:g}\n")
    result: dict[str, Any] = {
        "benchmark": "syntax_search",
        "problem": asked.problem,
        "n": asked.n,
        "settings": asked.set,
        "seeds": [asked.first, asked.first + asked.seeds - 1],
        "best": search,
        "median": statistics.median(search),
        "samples": made,
        "seconds": took,
        "iid_best_on_equal_samples": baseline,
        "iid_median": statistics.median(baseline),
        "goal": GOALS.get((asked.problem, asked.seconds), {}).get(asked.n),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
