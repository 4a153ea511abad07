"""Sorting networks: the smallest ones known, Batcher's, and what two plain priorities come to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from problems.sorting_network import SIZES, priority, problem
from tests.problems.published.value import Accepted, Reached

_SOURCE = "Dobbelaere, SorterHunter on GitHub, Networks/Sorters; sizes: OEIS A003075"
_BATCHER = "merge exchange, Knuth, TAOCP 3, 5.2.2, Algorithm M; sizes: OEIS A006282"

# Two characters are one comparator, its wires in base 16; a blank parts layers.
_SMALLEST = {
    8: "02134657 04152637 01234567 2435 1436 123456",
    9: "03172548 07243856 02134578 143657 01243568 234567 123456",
    10: "0819273546 02145879 03245769 013689 15234867 12354678 234567 3456",
    11: "0916243758 01354a6978 1325478a 0412375968 012645789a 24365789 12345678 234567",
    12: "0817263b4a59 0125346978ab 02165a9b 031246578b9a 1435687a 1325698a 23456789 4657 345678",
    13: "0c1a29375b68 16234b798a 041236789abc 46598bac 0538476b9a 01256978ab 1324569a 12345768"
    " 23456789 3456",
    14: "0123456789abcd 02134859acbd 041237586a9dbc 0615394a7d8c 2a3b4679 13285b67ac 1426357b8a9c"
    " 2436587a9b 3456789a 67",
    15: "123a4e586d7c9b 0e15283769acbd 0716294a5b8dce 0624357b8a9cde 0312475968abcd 01234679acbd"
    " 12358abc 3456789a 23456789ab 5678",
    16: "0d1c2f3e48567b9a 051729346d8eafbc 0123456879abcdef 02134a5b6789cedf 123c46578a9bde"
    " 1426587a9dbe 24369cbd 356879ac 3456789abc 6789",
}
Network = Sequence[tuple[int, int]]


def smallest(n: int) -> Network:
    digits = _SMALLEST[n].replace(" ", "")
    return [(int(a, 16), int(b, 16)) for a, b in zip(digits[::2], digits[1::2], strict=True)]


def batcher(n: int) -> Network:
    """Return Batcher's network for any n."""

    def exchanges() -> Iterator[tuple[int, int]]:
        top = 1 << (n - 1).bit_length() - 1
        p = top
        while p:
            q, r, d = top, 0, p
            while True:
                yield from ((i, i + d) for i in range(n - d) if i & p == r)
                if q == p:
                    break
                d, q, r = q - p, q // 2, p
            p //= 2

    return list(exchanges())


def told(network: Callable[[int], Network]) -> Callable[..., float]:
    """Return the priority that rebuilds networks for all sizes, layer by layer."""
    layers: dict[tuple[int, ...], int] = {}
    for n in SIZES:
        depth = [0] * n
        for i, j in network(n):
            before = max(depth[i], depth[j])
            layers[n, i, j, before] = before
            depth[i] = depth[j] = before + 1

    def found(i: int, j: int, n: int, *rest: int) -> float:
        *_, depth_i, depth_j, _ = rest
        return -layers.get((n, i, j, max(depth_i, depth_j)), 1000)

    return found


def merging(
    i: int, j: int, n: int, vectors: int, swapped: int, kept: int, merged: int, *rest: int
) -> float:
    return merged


def _known(n: int) -> float:
    return problem.metric.best_known[f"n={n}"].value


_RUN = "measured here; nothing is published for this rule"
_BATCHER_SIZES = (19, 26, 31, 37, 41, 48, 53, 59, 63)
_MERGING_SIZES = (19, 26, 31, 38, 42, 49, 55, 60, 64)

VALUES: list[Reached | Accepted] = [
    *[
        Reached(f"seed, n={n}", priority, [f"n={n}"], n * (n - 1) // 2, "selection sort: all pairs")
        for n in SIZES
    ],
    *[
        Accepted(f"the smallest for n={n}", lambda _, n=n: smallest(n), f"n={n}", size, _SOURCE)
        for n, size in ((n, _known(n)) for n in SIZES)
    ],
    *[
        Reached(f"the smallest rebuilt, n={n}", told(smallest), [f"n={n}"], _known(n), _SOURCE)
        for n in SIZES
    ],
    *[
        Reached(f"Batcher's, n={n}", told(batcher), [f"n={n}"], size, _BATCHER)
        for n, size in zip(SIZES, _BATCHER_SIZES, strict=True)
    ],
    *[
        Reached(f"fewest vectors left, n={n}", merging, [f"n={n}"], size, _RUN)
        for n, size in zip(SIZES, _MERGING_SIZES, strict=True)
    ],
]
