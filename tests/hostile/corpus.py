"""The corpus: hostile programs, one a file, and which verdict each may get.

A file starts with two comments and goes on with the program:

    # forbidden crashed
    # Opens a socket.
    def f(x):
        ...

The first names the acceptable verdicts. A number after `ok` is the only score that is acceptable
then; a program that gets through what it tries returns nines where ones were due. The second says
what is tried. `@FOLDER@` and `@PORT@` stand for the bait (`tests.hostile.bait`). Where a third
line says `# generate`, the rest is an expression whose value is the program's text.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evaluators.verdict import Status

FOLDER = Path(__file__).with_name("programs")
_GENERATE = "# generate\n"


@dataclass(frozen=True)
class Hostile:
    """One program.

    Attributes:
        name: kind and name, such as `loops/spin`.
        expected: acceptable verdicts.
        score: the only acceptable score of an `ok` verdict; None if any is.
        aim: what it tries.
        text: the program; hostile.
    """

    name: str
    expected: frozenset[Status]
    score: float | None
    aim: str
    text: str


def corpus() -> list[Hostile]:
    """Return all programs, sorted by name."""
    return [
        read(f"{path.parent.name}/{path.stem}", path.read_text(encoding="utf-8"))
        for path in sorted(FOLDER.glob("*/*.py"))
    ]


def read(name: str, text: str) -> Hostile:
    """Return the program that a file's text stands for.

    Raises:
        ValueError: the file does not start with verdicts and an aim.
    """
    first, second, body = text.split("\n", 2)
    if not (first.startswith("# ") and second.startswith("# ") and second.endswith(".")):
        raise ValueError(f"{name}: starts with {first!r}, {second!r}; wants verdicts and an aim")
    words = first[2:].split()
    numbers = [word for word in words if word[0].isdigit()]
    if numbers and words.index(numbers[0]) != words.index("ok") + 1:
        raise ValueError(f"{name}: a score stands after ok")
    return Hostile(
        name=name,
        expected=frozenset(Status(word) for word in words if word not in numbers),
        score=float(numbers[0]) if numbers else None,
        aim=second[2:],
        text=_generated(body),
    )


def _generated(body: str) -> str:
    if not body.startswith(_GENERATE):
        return body
    text: object = eval(body.removeprefix(_GENERATE), {})
    assert isinstance(text, str)
    return text
