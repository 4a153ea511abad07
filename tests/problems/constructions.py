"""Priorities whose greedy cap set is a classic construction, so its size is known beforehand.

n = 2: a conic; n = 3 and 4: elliptic quadrics; n = 6: the cap of R. Hill (1973), as the vectors
of full weight with an odd number of mirror pairs and those of weight 3 supported on a block of a
2-(6, 3, 2) design; n = 5: a hyperplane section of it.
"""

from itertools import combinations

BLOCKS = {
    (0, 1, 2), (0, 1, 3), (0, 2, 5), (0, 3, 4), (0, 4, 5),
    (1, 2, 4), (1, 3, 5), (1, 4, 5), (2, 3, 4), (2, 3, 5),
}  # fmt: skip


def conic(el: tuple[int, ...], n: int) -> float:
    return float((el[0] ** 2 + el[1] ** 2) % 3 == 1)


def paraboloid(el: tuple[int, ...], n: int) -> float:
    return float((el[0] ** 2 + el[1] ** 2 - el[2]) % 3 == 0)


def quadric(el: tuple[int, ...], n: int) -> float:
    return float(any(el) and (el[0] ** 2 + el[1] ** 2 + el[2] * el[3]) % 3 == 0)


def hill(el: tuple[int, ...], n: int) -> float:
    support = tuple(i for i in range(6) if el[i])
    mirrored = sum(el[i] == el[i + 1] for i in (0, 2, 4))
    return float(mirrored % 2 == 1 if len(support) == 6 else support in BLOCKS)


def hill_section(el: tuple[int, ...], n: int) -> float:
    # The hyperplane x0 + x1 + x2 + x3 - x4 - x5 = -1 of Z_3^6, by its first five coordinates.
    return hill((*el, (1 + sum(el[:4]) - el[4]) % 3), 6)


SIZES = {2: (conic, 4), 3: (paraboloid, 9), 4: (quadric, 20), 5: (hill_section, 45), 6: (hill, 112)}

assert all(
    sum(set(pair) <= set(block) for block in BLOCKS) == 2 for pair in combinations(range(6), 2)
)
