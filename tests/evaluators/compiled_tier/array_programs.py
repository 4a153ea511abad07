"""Writes random functions of a number `item` and an array `bins`."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

# N stands for a number, A for an array.
NUMBERS = (
    *("(N + N)", "(N * N)", "(N - N)", "(N / 3)", "max(bins)", "np.sum(A)", "np.mean(A)"),
    *("np.max(A)", "np.min(A)", "np.argmax(A)", "sum(A)", "min(A)", "abs(N)", "(N ** 2)"),
    *("(N % 7)", "(N // 2)", "np.exp(-abs(N))", "math.sqrt(abs(N))", "np.std(A)", "float(N)"),
    *("(A)[1]", "int(N)", "np.sqrt(abs(N))", "(N if N > N else N)", "np.sign(N)"),
)
ARRAYS = (
    *("(A + A)", "(A - N)", "(N - A)", "(A * A)", "(A / (abs(N) + 1))", "(A ** 2)", "(A % 5)"),
    *("(A // 3)", "(A // N)", "(A / A)", "np.exp(-np.abs(A) / 9)", "np.log(np.abs(A) + 1)"),
    *("np.sqrt(np.abs(A))", "np.where(A > N, A, A)", "np.where(A <= A, N, N)", "-A", "np.abs(A)"),
    *("np.maximum(A, N)", "np.minimum(A, A)", "np.clip(A, -5, 30)", "((A > A) * A)", "np.sin(A)"),
    *("np.tanh(A / 20)", "np.arange(len(bins))", "np.cumsum(A)", "np.sort(A)", "np.sign(A)"),
    *("np.power(np.abs(A) + 1, 0.7)", "np.floor(A / 2)", "np.round(A)", "np.zeros_like(bins)"),
    *("np.ones(len(bins))", "np.full(len(bins), N)", "np.array([x * 2 for x in A])"),
    *("np.square(A)", "(np.abs(A) ** 0.5)", "((np.abs(A) + 1) ** -1.5)", "np.argsort(A)"),
    *("((A == A) & (A > N))", "~(A > N)", "(2 ** np.minimum(np.abs(A), 9))", "A.copy()"),
    *("A.astype(float)", "A.astype(int)", "A[np.argsort(A, kind='stable')]"),
)
STATEMENTS = (
    *("s[s > N] = N", "s[1:] -= s[:-1]", "s += A", "s = s * N + A", "s[0] = N", "s *= N", "t = N"),
    *("s[np.argmax(s)] = N", "s[s < N] = A[s < N]", "s[-1] += N", "s[::2] = A[::2]"),
    *("for i in range(len(s)):\n        s[i] = s[i] + i * N", "if N > N:\n        s = A"),
)
SIMPLE_NUMBERS = ("item", "2", "0.5", "3", "len(bins)", "bins[0]", "bins[-1]", "1.5")
SIMPLE_ARRAYS = ("bins", "(bins - item)", "(bins * 1.0)", "bins[::-1]")


def write(dice: random.Random) -> str:
    """Return the source of a function called `f`."""

    def filled(form: str, depth: int) -> str:
        choices: dict[str, Callable[[], tuple[str, ...]]] = {
            "N": lambda: NUMBERS if depth > 0 else SIMPLE_NUMBERS,
            "A": lambda: ARRAYS if depth > 0 else SIMPLE_ARRAYS,
        }
        return re.sub(
            r"\b[NA]\b",
            lambda found: filled(dice.choice(choices[found[0]]()), depth - 1),
            form,
        )

    lines = [f"s = {filled('A', 3)}", f"t = {filled('N', 2)}"]
    lines += [filled(dice.choice(STATEMENTS), 2) for _ in range(dice.randint(0, 3))]
    lines.append("return " + dice.choice(("s", "s + t", "s * t", "-s", "s - bins")))
    return "def f(item, bins):\n    " + "\n    ".join(lines)
