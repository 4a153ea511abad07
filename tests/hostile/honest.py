"""Honest programs, which must be admitted and score right whatever ran before them."""

from __future__ import annotations

from collections.abc import Mapping

HONEST: Mapping[str, tuple[str, float]] = {
    "plain": ("def f(x):\n    return x * 1.5", 4.5),
    "modules": (
        """\
def f(x):
    import heapq
    import statistics
    counts = collections.Counter(itertools.chain([x, x], [x]))
    largest = heapq.nlargest(1, counts.values())[0]
    ordered = np.sort(np.array([largest, math.floor(math.pi) + 4.0]))
    return statistics.fmean(functools.reduce(max, [row], row) for row in ordered)
""",
        15.0,
    ),
    "loops": (
        """\
def f(x):
    best = 0.0
    for left in range(10):
        for right in range(left):
            if (left * right) % 7 == x:
                best = max(best, left - right / 2)
    return best
""",
        25.0,
    ),
}
"""Name → text and score on the probe."""
