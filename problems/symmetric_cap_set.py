"""Cap sets in Z_3^n of prescribed symmetry: a group, and vectors whose images come first.

The function to evolve writes out generators of a group of signed coordinate permutations, and
vectors; the greedy construction of `cap_set` tries all images of the first vector, then all of the
second, and so on. A program is a few literals for one n, not a rule for all n.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from problems import cap_set
from problems.contract import Candidate, Instance, Invalid, Known, Limits, Problem
from problems.domains import Domain, SignedPermutation, Vector

SIZES = range(5, 10)
MOST_GENERATORS = 16
"""More than any group of `LARGEST_ORDER` needs: each that is not redundant doubles the order."""
LARGEST_ORDER = 10_000


def orbits(
    n: int,
) -> tuple[
    list[Annotated[tuple[int, ...], SignedPermutation("n")]],
    list[Annotated[tuple[int, ...], Vector(3, "n")]],
]:
    """Return generators of a group and representatives, to build a large cap set in Z_3^n.

    A cap set holds no three different vectors that sum to zero (mod 3) in each coordinate.
    A generator is a tuple of 1 … n in some order, each with a sign: (2, -1, 3) maps the vector
    (x1, x2, x3) to (x2, -x1, x3) mod 3. A representative is a vector of n entries 0, 1 or 2; its
    images under all products of generators are tried first, those of the first representative
    before those of the second, and so on; all other vectors of Z_3^n come last. Each vector is
    taken unless it completes a line with two that were taken before; the goal is a large set.
    Large groups are refused (order above 10000); two to four generators and some ten
    representatives are usual. Both lists hold literals for the n of the instance.
    """
    return [], []


def construct(candidate: Candidate, instance: Instance) -> NDArray[np.int8]:
    """Take vectors greedily, images of earlier representatives first; see `cap_set.greedy`.

    Of m representatives, the images of the j-th, counted from 0, have priority m - j, all other
    vectors 0. What is an image of several has the highest of their priorities. Ties, so the order
    within one orbit, go to the lower index of the lexicographic list.

    Returns:
        int8 array, shape (size, n): the vectors in the order they were taken.

    Raises:
        Invalid: what the candidate returned is not two lists of what they are to hold, or the
            group is larger than `LARGEST_ORDER`.
    """
    n = int(instance.data["n"])  # type: ignore[arg-type]
    found = candidate(n)
    if type(found) not in (tuple, list) or len(found) != 2:
        raise Invalid("the result is not two lists: generators and representatives")
    maps = f"1 to {n} in some order, each with a sign"
    generators = _checked(found[0], "generator", MOST_GENERATORS, SignedPermutation(n), maps)
    entries = f"{n} entries 0, 1 or 2"
    representatives = _checked(found[1], "representative", 3**n, Vector(3, n), entries)
    return cap_set.greedy(priorities(generators, representatives, n), n)


def _checked(
    found: Any, what: str, most: int, domain: Domain, entries: str
) -> list[tuple[int, ...]]:
    """Return a list of the candidate's if it holds at most so many values of a domain."""
    if type(found) not in (tuple, list):
        raise Invalid(f"the {what}s are not a list")
    if len(found) > most:
        raise Invalid(f"there are {len(found)} {what}s; at most {most} are allowed")
    values = [tuple(value) if type(value) is list else value for value in found]
    for number, value in enumerate(values):
        if value not in domain:
            raise Invalid(f"{what} {number} is not a tuple of {entries}")
    return values


def priorities(
    generators: Sequence[tuple[int, ...]], representatives: Sequence[tuple[int, ...]], n: int
) -> NDArray[np.float64]:
    """Return the priorities of all vectors of Z_3^n in lexicographic order, as in `construct`."""
    elements = b"".join(group(generators, n))
    powers = 3 ** np.arange(n - 1, -1, -1)
    result = np.zeros(3**n)
    for j, representative in enumerate(representatives):
        # Two orbits are equal or have nothing in common.
        if result[np.dot(representative, powers)] == 0:
            images = elements.translate(_table(representative, lambda x: -x % 3))
            numbers = np.frombuffer(images, dtype=np.uint8).reshape(-1, n) @ powers
            result[numbers] = len(representatives) - j
    return result


def group(generators: Sequence[tuple[int, ...]], n: int) -> set[bytes]:
    """Return all products of generators.

    Returns:
        Signed permutations of n bytes each: i from 1 for i, and 256 - i for -i.

    Raises:
        Invalid: there are more than `LARGEST_ORDER`.
    """
    tables = [_table(generator, lambda i: -i % 256) for generator in generators]
    identity = bytes(range(1, n + 1))
    found, pending = {identity}, [identity]
    while pending:
        element = pending.pop()
        for table in tables:
            product = element.translate(table)
            if product not in found:
                if len(found) == LARGEST_ORDER:
                    raise Invalid(f"the group has more than {LARGEST_ORDER} elements")
                found.add(product)
                pending.append(product)
    return found


def _table(entries: Sequence[int], negative: Callable[[int], int]) -> bytes:
    """Return what `bytes.translate` needs to let a signed permutation act on the entries."""
    table = bytearray(256)
    for i, entry in enumerate(entries, 1):
        table[i], table[256 - i] = entry % 256, negative(entry)
    return bytes(table)


def _own(known: Mapping[str, Known]) -> Mapping[str, Known]:
    return {name: value for name, value in known.items() if name in _INSTANCES}


def _by_n(text: str) -> Sequence[str]:
    if text not in {str(n) for n in SIZES}:
        raise ValueError(f"n must be {SIZES[0]} to {SIZES[-1]}, not {text}")
    return [f"n={text}"]


_INSTANCES = {f"n={n}": {"n": n} for n in SIZES}
_METRIC = cap_set.problem.metric

problem = Problem(
    name="symmetric_cap_set",
    evolve=orbits,
    construct=construct,
    score=cap_set.score,
    metric=replace(_METRIC, bound=_own(_METRIC.bound), best_known=_own(_METRIC.best_known)),
    certificate=cap_set.problem.certificate,
    # Building takes 10 ms at n = 8 and 50 ms at n = 9.
    limits=Limits(wall_s=5.0),
    instances=lambda: _INSTANCES,
    training=["n=8"],
    held_out=[name for name in _INSTANCES if name != "n=8"],
    shorthands={"n": _by_n},
)
