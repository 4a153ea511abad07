"""Drawing a prompt from ten islands with a million programs; prints one JSON line.

Two shapes: 200 clusters an island, and a cluster for every program. Memory counts all columns,
the duplicate table included.
"""

import hashlib
import json
import time

import numpy as np

from evaluators.verdict import Status
from funsearch.islands import Islands, IslandsConfig
from funsearch.population import Population

PROGRAMS = 1_000_000
DRAWS = 2_000


def fill(clusters: int | None) -> tuple[Islands, Population]:
    """Return islands with `PROGRAMS` programs, spread evenly over islands and clusters."""
    random = np.random.default_rng(1)
    population = Population(instances=1)
    config = IslandsConfig(reset_registrations=0)
    islands = Islands(config, seed=1, population=population, maximise=True)
    scores = (
        random.random(PROGRAMS) if clusters is None else random.integers(clusters, size=PROGRAMS)
    )
    lengths = random.integers(100, 2000, size=PROGRAMS)
    for i, (score, length) in enumerate(zip(scores.tolist(), lengths.tolist(), strict=True)):
        program = hashlib.sha256(i.to_bytes(8, "little")).hexdigest()
        number = population.propose(program)
        population.judge(number, Status.OK, i, length, (float(score),), float(score))
        population.mark(number, (i % config.islands,))
        islands.register(number, i % config.islands, epoch=0)
    return islands, population


def measure(clusters: int | None) -> dict[str, float]:
    """Return milliseconds per draw and bytes per program."""
    islands, population = fill(clusters)
    times: list[float] = []
    for number in range(DRAWS):
        start = time.perf_counter()
        islands.draw(number)
        times.append((time.perf_counter() - start) * 1e3)
    nbytes = population.nbytes + sum(island.nbytes for island in islands.islands)
    return {
        "draw_ms_median": round(float(np.median(times)), 3),
        "draw_ms_p99": round(float(np.percentile(times, 99)), 3),
        "bytes_per_program": round(nbytes / PROGRAMS, 1),
    }


if __name__ == "__main__":
    result = {
        "benchmark": "islands_draw",
        "programs": PROGRAMS,
        "200_clusters_an_island": measure(200),
        "a_cluster_per_program": measure(None),
        "goal": {"draw_ms_p99": 1.0, "bytes_per_program": 300},
    }
    print(json.dumps(result))
