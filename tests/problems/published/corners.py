"""Corners: the seed on all instances, the published sets of 137, 53 and 370."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from problems.corners import priority, problem
from tests.problems.published.value import Accepted, Reached
from tests.problems.support import built, rows

_SEED = "any correct greedy construction: ties go to the lower index"
_PAPER = "Romera-Paredes et al., Nature 625 (2024), supplement, Table B.1"


def _with_u(name: str, file: str) -> Callable[[Path], NDArray[Any]]:
    """Return what finds u for a published set: a priority that never takes anything else."""

    def certificate(folder: Path) -> NDArray[Any]:
        members = {
            tuple(row): i for i, row in enumerate(rows(folder / "funsearch_published" / file))
        }

        def member(x: tuple[int, ...], y: tuple[int, ...], p: int, n: int) -> float:
            row = tuple(p * a + b for a, b in zip(x, y, strict=True))
            return -float(members[row]) if row in members else -float("inf")

        return built(problem, member, problem.instance(name))

    return certificate


VALUES = [
    *[
        Reached(f"seed, {name}", priority, [name], size, _SEED, slow=name == "p3n3")
        for name, size in {
            "p2n1": 3,
            "p2n2": 9,
            "p2n3": 27,
            "p2n4": 81,
            "p3n1": 6,
            "p3n2": 42,
            "p3n3": 286,
        }.items()
    ],
    Reached("seed", priority, problem.training, (27 + 42) / 2, "the mean of the two above"),
    *[
        Accepted(f"the set of {size}", _with_u(name, file), name, size, _PAPER, slow=size == 370)
        for name, file, size in (
            ("p2n4", "corners_f2_n4_size137.txt", 137),
            ("p3n2", "corners_f3_n2_size53.txt", 53),
            ("p3n3", "corners_f3_n3_size370.txt", 370),
        )
    ],
]
