"""The draws of a log, made again each at its moment: several prompts are in flight at a time.

A sample is recorded long after its draw, so the log is read once to learn when each was made.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from funsearch.archive.records import GenerationRecord, Record
from funsearch.islands import Draw
from funsearch.search import Search


@dataclass(frozen=True)
class Outline:
    """What one reading of a log tells before it is replayed.

    Attributes:
        records: how many were read.
        moments: of the draws; int64 array, shape (draws, 3): registrations that the islands had
            seen, number of the draw, and epoch of its island, as recorded; ascending.
    """

    records: int
    moments: NDArray[np.int64]


def outline(records: Iterable[tuple[int, Record]], until: int | None) -> Outline:
    """Read a log.

    Args:
        records: with their numbers, from the first.
        until: number of the last one to read, or None for all.
    """
    columns = array("q")
    latest: int | None = None
    count = 0
    for number, record in records:
        count = number + 1
        if isinstance(record, GenerationRecord) and record.draw not in (None, latest):
            latest = record.draw
            columns.extend((record.registrations, record.draw, record.epoch))
        if number == until:
            break
    table = np.array(columns, dtype=np.int64).reshape(-1, 3)
    return Outline(count, table[np.lexsort((table[:, 1], table[:, 0]))])


class Draws:
    """Makes the draws of a log again as the islands move on.

    Args:
        search: that draws; moved on by the caller.
        moments: as in an outline.

    Attributes:
        made: how many.
    """

    def __init__(self, search: Search, moments: NDArray[np.int64]) -> None:
        self.made = 0
        self._search = search
        self._moments = moments
        self._next = 0
        self._highest = -1
        self._waiting: dict[int, Draw] = {}
        self._of_other_epochs: dict[int, int] = {}

    def catch_up(self) -> None:
        """Make the draws that follow the latest registration.

        A draw is never made if no search could have made it when it says so: before anything was
        registered, or after a draw with a higher number.
        """
        self._of_other_epochs = {}
        self._advance()

    def catch_up_after_reset(self) -> None:
        """Make the draws that follow the latest reset.

        Where resets go by the clock, draws after equally many registrations may lie on either
        side of one; the epoch of the island tells.
        """
        earlier, self._of_other_epochs = self._of_other_epochs, {}
        for number, epoch in earlier.items():
            self._make(number, epoch)
        self._advance()

    def take(self, number: int) -> Draw | None:
        """Return a draw that was made and not taken yet, else None."""
        return self._waiting.pop(number, None)

    def _advance(self) -> None:
        now = self._search.registrations
        while self._next < len(self._moments):
            registrations, number, epoch = self._moments[self._next].tolist()
            if registrations > now:
                break
            self._next += 1
            if registrations == now and number > self._highest:
                self._make(number, epoch)
                self._highest = number
                self.made += 1

    def _make(self, number: int, epoch: int) -> None:
        draw = self._waiting[number] = self._search.draw(number)
        if draw.epoch != epoch:
            self._of_other_epochs[number] = epoch
