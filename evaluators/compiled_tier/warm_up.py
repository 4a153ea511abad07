"""Bodies that are compiled once in the base, so that children inherit what numba made of helpers.

numba compiles its own sorting, lists and the like on first use, once a process; and so it does
with the helpers here, for each type of arguments.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from evaluators.compiled_tier.candidate import Compiled
from evaluators.compiled_tier.kinds import FLOAT, INT, Kind, Row, Vector
from evaluators.compiled_tier.translator import translate

_TUPLE: tuple[Kind, ...] = (Row(INT, "tuple"), INT)
_BINS: tuple[tuple[Kind, ...], ...] = (
    (INT, Vector(INT, fresh=False)),
    (FLOAT, Vector(FLOAT, fresh=False)),
)

_OF_TUPLES = (
    "return 0.0",
    "return el.count(0) * n - el.count(2) ** 2 + abs(el[0] - n) % 3 // 2",
    "return (el[0] * 0.5) ** 1.5 + math.exp(-el[1]) + math.sin(n) * math.log(n + 1.5) / n",
    "s = 0\nfor i, x in enumerate(el):\n    s += x * 0.5 * i\nreturn s * n - s % 2 - -s",
    "return sum(el) + sum(a * b for a, b in zip(el, el[1:])) + sum(el[::2]) / len(el)",
    "w = [x ** 2 for x in el if x]\nw.append(n)\nreturn max(w) - min(w) + sum(w) + len(set(el))",
    "s = sorted(el)\nreturn s[0] + s[-1] * (el == el[::-1]) + sum(sorted([x / 2 for x in el]))",
    "return max(el) + min(el[1:]) + (n in el) + el.index(el[0]) + len(tuple(el)) + int(n / 2)",
    "a = np.array(el)\nreturn np.sum(a == 1) + np.mean(a) + np.std(a) + np.max(a) + np.sum(a * a)",
    "return round(math.sqrt(n)) + math.floor(n / 2) + math.gcd(n, 4) + math.cos(n) + math.tanh(n)",
    "w = [0.0] * n\nfor i in range(n):\n    w[i] = el[i] / (i + 1)\nreturn sum(w) + max(w)",
)
_OF_BINS = (
    "return bins - item",
    "return -(bins - item) / item + 0.5",
    "return np.exp(-(bins - item) / 10.0) ** 2 + np.sqrt(np.abs(bins))",
    "return np.where(bins - item == 0, 1000.0, -(bins - item) ** 2) - np.where(bins > 5, 1, 0)",
    "s = -(bins - item) * 1.0\ns[bins > 2 * item] = -5.0\ns[1:] -= s[:-1]\ns[0] = 1.0\nreturn s",
    "s = np.zeros_like(bins, dtype=float)\nfor i in range(len(bins)):\n"
    "    s[i] = bins[i] ** 2 / item\nreturn s + max(bins) - np.mean(bins) + np.max(bins)",
    "s = np.zeros(len(bins))\ns[np.argmin(bins)] = 1.0\ns[np.argmax(s)] += np.sum(s)\nreturn s",
    "m = (bins > item) & (bins < 9)\ns = np.maximum(bins, item) * 1.0\ns[m] = -s[m]\nreturn s",
)


def steps() -> Iterator[str]:
    """Compile one body after the other; yield what it was before each next one."""
    for body in _OF_TUPLES:
        _compile("el, n", body, _TUPLE)
        yield body
    for kinds in _BINS:
        for body in _OF_BINS:
            _compile("item, bins", body, kinds)
            yield body


def _compile(parameters: str, body: str, kinds: tuple[Kind, ...]) -> None:
    lines = "\n".join(f"    {line}" for line in body.split("\n"))
    tree = ast.parse(f"def warm({parameters}):\n{lines}")
    Compiled(translate(tree, "warm", {}, kinds), kinds, elementwise=False)
