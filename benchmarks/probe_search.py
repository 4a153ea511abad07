"""What a probe saves, and what it does to the search: equal samples with and without, seed by seed.

`saved` is how much less of the evaluators' processor time the candidates took; `repeats` the share
of the evaluated programs, without a probe, that built on every training instance what an earlier
one had built. Seeds 200 and up are for this measurement alone. Prints one JSON line.

Usage: probe_search.py [SAMPLES [SEEDS [OVERRIDE …]]], the last ones with `run.probe=` among them
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path

import funsearch
from funsearch.archive.reader import Reader
from funsearch.archive.records import EvaluationRecord

FIRST_SEED = 200
USUAL = [
    "problem=online_bin_packing",
    "problem.instances=[uniform_120_0,uniform_120_1,uniform_120_2,uniform_120_3,uniform_120_4]",
    "run.probe=uniform_120_0",
]


def measure(*overrides: str) -> dict[str, float]:
    """Return the best score of a run, its candidates' time, and the shares that were alike."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        outcome = funsearch.run(*overrides, f"run.dir={folder}/run", "run.verify_seconds=0")
        assert outcome.best is not None
        with Reader(Path(folder) / "run") as reader:
            records = [r for _, r in reader.records() if isinstance(r, EvaluationRecord) and r.tier]
    built = [frozenset(r.certificates.items()) for r in records if r.certificates]
    return {
        "best": outcome.best.score,
        "cpu_seconds": round(sum(record.cpu_seconds for record in records), 2),
        "repeats": round((len(built) - len(set(built))) / len(records), 3),
        "rejected": round(sum(r.status == "rejected" for r in records) / len(records), 3),
    }


def main() -> None:
    """Measure and print."""
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    overrides = sys.argv[3:] or USUAL
    without = [override for override in overrides if not override.startswith("run.probe=")]
    runs: dict[str, list[dict[str, float]]] = {"without": [], "with": []}
    for seed in range(FIRST_SEED, FIRST_SEED + count):
        common = (f"run.samples={samples}", "run.seconds=null", f"run.seed={seed}")
        runs["without"].append(measure(*without, *common))
        runs["with"].append(measure(*overrides, *common))
        sys.stderr.write(f"seed {seed}: {runs['without'][-1]} without, {runs['with'][-1]} with\n")
    spent = {name: statistics.mean(r["cpu_seconds"] for r in runs[name]) for name in runs}
    print(
        json.dumps(
            {
                "benchmark": "probe_search",
                "overrides": overrides,
                "samples": samples,
                "seeds": [FIRST_SEED, FIRST_SEED + count - 1],
                "saved": round(1 - spent["with"] / spent["without"], 3),
                "rejected": statistics.mean(r["rejected"] for r in runs["with"]),
                "repeats": statistics.mean(r["repeats"] for r in runs["without"]),
                **{f"best_{name}": [r["best"] for r in found] for name, found in runs.items()},
            }
        )
    )


if __name__ == "__main__":
    main()
