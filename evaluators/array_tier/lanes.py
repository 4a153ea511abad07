"""Which lanes run: one lane a call of the candidate, control flow turned into masks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_DEEPEST = 200
"""Most masks within masks: loops that shed lanes one by one are the interpreter's business."""


class GiveUp(Exception):
    """This candidate is not run as arrays; the message says why."""


class Lanes:
    """The lanes that run some statement; never none.

    Values are arrays over all lanes, and what they hold outside the lanes they were computed for
    means nothing.

    Attributes:
        size: lanes there are.
        array: bool array, shape (size,); None stands for all.
        count: lanes that run.
        whole: whether every other lane has returned, so that nobody will ever look at it.
        parent: lanes these were taken from.
        depth: of the chain of parents.
    """

    __slots__ = ("array", "count", "depth", "parent", "size", "whole")

    def __init__(
        self,
        size: int,
        array: NDArray[np.bool_] | None = None,
        count: int | None = None,
        whole: bool = True,
        parent: Lanes | None = None,
    ) -> None:
        self.size = size
        self.array = array
        self.count = size if count is None else count
        self.whole = whole
        self.parent = parent
        self.depth = 0 if parent is None else parent.depth + 1
        if self.depth > _DEEPEST:
            raise GiveUp("lanes part too often")

    def where(self, condition: NDArray[np.bool_]) -> Lanes | None:
        """Return those of the lanes that fulfil a condition: None if none, these if all."""
        array = condition if self.array is None else self.array & condition
        count = int(np.count_nonzero(array))
        if count == self.count:
            return self
        return Lanes(self.size, array, count, False, self) if count else None

    def within(self, other: Lanes) -> bool:
        """Whether these lanes were taken, in some steps, from others, or are the same."""
        lanes: Lanes | None = self
        while lanes is not None and lanes.depth > other.depth:
            lanes = lanes.parent
        return lanes is other

    def union(self, pieces: Sequence[Lanes | None], *, whole: bool) -> Lanes | None:
        """Return the lanes of some disjoint parts of these: None if none, these if all.

        Args:
            pieces: the parts; None is an empty one.
            whole: of the result.
        """
        parts = [piece for piece in pieces if piece is not None]
        count = sum(part.count for part in parts)
        if count == self.count:
            return self
        if not parts:
            return None
        array = parts[0].array
        assert array is not None
        for part in parts[1:]:
            assert part.array is not None
            array = array | part.array
        return Lanes(self.size, array, count, whole, parts[0] if len(parts) == 1 else self)

    def mask(self) -> NDArray[np.bool_]:
        """Return the lanes as an array, also where they are all."""
        return np.ones(self.size, np.bool_) if self.array is None else self.array

    def any(self, condition: NDArray[np.bool_]) -> bool:
        """Whether one of the lanes fulfils a condition."""
        return bool(np.any(condition if self.array is None else condition & self.array))
