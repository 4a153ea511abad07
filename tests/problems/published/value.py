"""A published value: the score that a program must reach, or that of a published object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from problems.contract import Instance


@dataclass(frozen=True)
class Reached:
    """What a program must come to.

    Attributes:
        what: the program and its instances, in a few words; names the test.
        program: the candidate.
        instances: names of the problem's, or instances of the same kind.
        score: what must come out.
        source: who says so.
        combined: how the source combines the scores; as the problem does if None.
        digits: decimal places that were published; exactly that score if None.
        within: by how much it may differ, where only the distribution of instances is published.
        elementwise: what the sandbox would find out of the program.
        data: whether instances come from published data, which a user has to have.
        slow: whether it takes more than a few seconds.
    """

    what: str
    program: Callable[..., Any]
    instances: Sequence[str | Instance]
    score: float
    source: str
    combined: Callable[[Sequence[Instance], Sequence[float]], float] | None = None
    digits: int | None = None
    within: float = 0.0
    elementwise: bool = False
    data: bool = False
    slow: bool = False


@dataclass(frozen=True)
class Accepted:
    """A published object that score and checker must accept.

    Attributes:
        what: the object, in a few words; names the test.
        certificate: returns it as nested lists or an array, from the folder of published data.
        instance: that it is an answer to.
        score: what must come out.
        source: who published it.
        slow: whether it takes more than a few seconds.
    """

    what: str
    certificate: Callable[[Path], Any]
    instance: str
    score: float
    source: str
    slow: bool = False
