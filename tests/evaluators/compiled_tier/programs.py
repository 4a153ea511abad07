"""Programs as language models write them, for the two ways in which problems call candidates."""

from __future__ import annotations

import ast
import textwrap

OF_TUPLES = (
    "return 0.0",
    "return el.count(0) * n - el.count(2) ** 2",
    "score = n\nfor x in el:\n    score -= x\nreturn score",
    "score = 0.0\nfor i in range(n):\n    if el[i] == el[-i - 1]:\n        score += 1.0 / (i + 1)\n"
    "return score",
    "score = 0\nfor i, x in enumerate(el):\n    if x == 1:\n        score += 0.5 * i\n"
    "    elif x == 2:\n        score -= i\nreturn score",
    "return sum(x * y for x, y in zip(el, el[1:])) / n",
    "w = [2 ** i for i in range(n)]\nreturn sum(a * b for a, b in zip(w, el)) % 7",
    "return math.sin(sum(el)) + math.exp(-el.count(1)) * math.cos(el.count(2))",
    "return (el[1] if 3 == el[1::2].count(1) else el[-3]) * sorted(el).count(2) % 3",
    "return -abs(sum(el) - n) + 0.1 * len(set(el))",
    "if el[0] == 0:\n    return -1.0\nif any(x == 2 for x in el[1:]):\n    return 2.5\nreturn 1.0",
    "best = 0\nrun = 1\nfor i in range(1, n):\n    if el[i] == el[i - 1]:\n        run += 1\n"
    "        best = max(best, run)\n    else:\n        run = 1\nreturn best",
    "total = 0\nfor i in range(n):\n    for j in range(i + 1, n):\n"
    "        if (el[i] + el[j]) % 3 == 0:\n            total += 1\n        else:\n"
    "            total -= 0.25\nreturn total",
    "a = np.array(el)\nreturn np.sum(a == 1) * 2.0 - np.sum(a == 2) + np.mean(a)",
    "a = np.array(el, dtype=float)\nreturn float(np.sum(np.exp(-a) * np.arange(len(el))))",
    "odd = [x for i, x in enumerate(el) if i % 2]\n"
    "even = [x for i, x in enumerate(el) if not i % 2]\n"
    "return sum(odd) - sum(even) + max(odd) * min(even)",
    "return 1.0 if el == el[::-1] else 0.98 ** sum(el)",
    "k = 0\nwhile k < n and el[k] == 0:\n    k += 1\nreturn float(k) ** 1.5",
    "reflections = sum(1 for i in range(1, n // 2) if el[i] == el[-i])\npower = 3.0\n"
    "if reflections % 2:\n    power = power * 2\nreturn power ** reflections + el.count(0)",
    "return max(el) - min(el) + el.index(max(el)) / n",
    "return math.log(1 + sum(el)) + math.sqrt(el[0] + 1) - math.atan2(el[1], el[2] + 1)",
    "pairs = 0\nfor a, b, c in zip(el, el[1:], el[2:]):\n    if {a, b, c} == {0, 1, 2}:\n"
    "        pairs += 1\nreturn pairs",
    "counts = [0, 0, 0]\nfor x in el:\n    counts[x] += 1\n"
    "return counts[0] * counts[1] - counts[2]",
    "s = sorted(el, reverse=True)\nreturn sum(x / (i + 1) for i, x in enumerate(s))",
)

OF_BINS = (
    "return bins - item",
    "return -(bins - item) / item",
    "return np.exp(-(bins - item) / 10.0)",
    "return np.where(bins - item == 0, 1000.0, -((bins - item) ** 2))",
    "m = max(bins)\ns = (bins - m) ** 2 / item + bins ** 2 / item ** 2\n"
    "s += bins ** 2 / item ** 3\n"
    "s[bins > item] = -s[bins > item]\ns[1:] -= s[:-1]\nreturn s",
    "s = np.zeros_like(bins, dtype=float)\nfor i in range(len(bins)):\n"
    "    s[i] = -abs(bins[i] - 2 * item) ** 1.5\nreturn s",
    "s = 1 / (bins - item + 1)\ns[bins == item] = 1e9\nreturn s",
    "gaps = bins - item\nreturn -gaps + 0.1 * (gaps < 5) - np.log(gaps + 1.0)",
    "return np.array([-(b - item) ** 2 for b in bins], dtype=float)",
    "s = np.full(len(bins), -1.0)\ns[np.argmin(bins)] = 2.0\nreturn s * np.mean(bins)",
    "r = bins / np.max(bins)\nreturn np.sqrt(r) * np.tanh(item / 50.0) - np.std(r)",
    "s = -np.abs(bins - item) * 1.0\ns -= np.arange(len(bins)) * 0.001\nreturn np.clip(s, -50, 0)",
    "t = (bins - item) // 5\nreturn -t - 0.01 * (bins % 7) + np.maximum(bins, 30) / 100",
    "s = np.ones(len(bins))\nfor i in range(1, len(bins)):\n"
    "    s[i] = s[i - 1] * 0.9 + bins[i] / 100\n"
    "return s - np.sum(s) / len(s)",
    "mask = (bins - item < 10) & (bins > 2 * item)\nreturn np.where(mask, 5.0, 0.0) - bins / 150",
    "d = bins - item\nreturn -(d ** 0.5) + np.power(d + 1.0, -0.3)",
    "return [-(b - item) for b in bins]",
    "order = np.sort(bins)\nreturn -np.abs(bins - order[len(order) // 2]) * 1.0",
)


def tree(parameters: str, body: str) -> ast.Module:
    """Return the syntax tree of a function called `f`."""
    return ast.parse(f"def f({parameters}):\n{textwrap.indent(body, '    ')}")
