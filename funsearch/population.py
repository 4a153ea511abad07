"""All programs a run has proposed, in a few columns: about 100 bytes each, so that millions fit.

A program has a number here, in order of its first appearance; its text lives in the archive.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from evaluators.verdict import Status

T = TypeVar("T", bound=np.generic)

_GROWTH = 1.25
"""Capacity grows by this factor: a little more copying, a little less memory than doubling."""


def grown(column: NDArray[T], needed: int) -> NDArray[T]:
    """Return the column, or a copy with more room, so that `needed` rows fit."""
    if needed <= len(column):
        return column
    capacity = max(needed, int(len(column) * _GROWTH) + 16)
    result = np.zeros((capacity, *column.shape[1:]), dtype=column.dtype)
    result[: len(column)] = column
    return result


class DigestTable:
    """Numbers distinct 32-byte digests 0, 1, 2 … in order of arrival.

    Open addressing with linear probing over digests that are uniform already; a Python dict of
    bytes would need four times the memory.
    """

    def __init__(self) -> None:
        self._digests = np.zeros((16, 32), dtype=np.uint8)
        self._slots = np.full(32, -1, dtype=np.int32)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def nbytes(self) -> int:
        """Memory in use, in bytes."""
        return self._digests.nbytes + self._slots.nbytes

    def digest(self, number: int) -> bytes:
        """Return the digest with that number."""
        return self._digests[number].tobytes()

    def find(self, digest: bytes) -> int | None:
        """Return the number of a digest, or None."""
        number = int(self._slots[self._slot(digest)])
        return None if number < 0 else number

    def add(self, digest: bytes) -> tuple[int, bool]:
        """Return the number of a digest, and whether it is new."""
        slot = self._slot(digest)
        found = int(self._slots[slot])
        if found >= 0:
            return found, False
        number = self._count
        self._digests = grown(self._digests, number + 1)
        self._digests[number] = np.frombuffer(digest, dtype=np.uint8)
        self._slots[slot] = number
        self._count += 1
        if 3 * self._count > 2 * len(self._slots):
            self._rehash()
        return number, True

    def _slot(self, digest: bytes) -> int:
        """Return the slot that holds the digest, or the free one where it belongs."""
        mask = len(self._slots) - 1
        slot = int.from_bytes(digest[:8], "little") & mask
        while (number := self._slots[slot]) >= 0:
            if self._digests[number].tobytes() == digest:
                break
            slot = (slot + 1) & mask
        return slot

    def _rehash(self) -> None:
        slots = np.full(2 * len(self._slots), -1, dtype=np.int32)
        mask = len(slots) - 1
        homes = self._digests[: self._count, :8].copy().view("<u8")[:, 0] & np.uint64(mask)
        for number, home in enumerate(homes.tolist()):
            slot = home
            while slots[slot] >= 0:
                slot = (slot + 1) & mask
            slots[slot] = number
        self._slots = slots


_STATUSES = tuple(Status)

MAX_ISLANDS = 64
"""Islands are bits of one word."""


class Population:
    """Every program a run has proposed, and what the search needs to know of it.

    Args:
        instances: length of a signature.
    """

    def __init__(self, instances: int) -> None:
        self._ids = DigestTable()
        self._lengths = np.zeros(16, dtype=np.int32)
        self._scores = np.zeros(16, dtype=np.float64)
        self._signatures = np.zeros((16, instances), dtype=np.float64)
        self._records = np.zeros(16, dtype=np.int64)
        self._islands = np.zeros(16, dtype=np.uint64)
        self._statuses = np.zeros(16, dtype=np.uint8)

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def nbytes(self) -> int:
        """Memory in use, in bytes."""
        columns = (
            self._lengths,
            self._scores,
            self._signatures,
            self._records,
            self._islands,
            self._statuses,
        )
        return self._ids.nbytes + sum(column.nbytes for column in columns)

    def propose(self, program: str) -> int:
        """Return the number of a program, a new one if it was never proposed before.

        Args:
            program: id, in hex.
        """
        number, new = self._ids.add(bytes.fromhex(program))
        if new:
            self._lengths = grown(self._lengths, number + 1)
            self._scores = grown(self._scores, number + 1)
            self._signatures = grown(self._signatures, number + 1)
            self._records = grown(self._records, number + 1)
            self._islands = grown(self._islands, number + 1)
            self._statuses = grown(self._statuses, number + 1)
            self._scores[number] = np.nan
            self._signatures[number] = np.nan
            self._records[number] = -1
        return number

    def judge(
        self,
        number: int,
        status: Status,
        record: int,
        length: int,
        signature: Sequence[float] | None = None,
        score: float | None = None,
    ) -> None:
        """Note the first verdict of a program; later ones change nothing.

        Args:
            number: of the program.
            status: of the verdict.
            record: number of the evaluation record.
            length: of its source, in UTF-8 bytes.
            signature: scores per training instance; None for a failed program.
            score: the aggregate; None for a failed program.
        """
        if self._records[number] >= 0:
            return
        self._statuses[number] = _STATUSES.index(status)
        self._lengths[number] = length
        self._records[number] = record
        if signature is not None and score is not None:
            self._scores[number] = score
            self._signatures[number] = signature

    def find(self, program: str) -> int | None:
        """Return the number of a program, or None if it was never proposed."""
        return self._ids.find(bytes.fromhex(program))

    def id(self, number: int) -> str:
        """Return the id of a program, in hex."""
        return self._ids.digest(number).hex()

    def status(self, number: int) -> Status:
        """Return how its first evaluation ended; meaningless before that."""
        return _STATUSES[self._statuses[number]]

    def length(self, number: int) -> int:
        """Return the length of its source, in UTF-8 bytes."""
        return int(self._lengths[number])

    def score(self, number: int) -> float | None:
        """Return its aggregate score, or None if it has none."""
        score = float(self._scores[number])
        return None if np.isnan(score) else score

    def signature(self, number: int) -> tuple[float, ...]:
        """Return its scores per training instance."""
        return tuple(self._signatures[number].tolist())

    def record(self, number: int) -> int | None:
        """Return the number of the record of its first evaluation, or None if it has none yet."""
        record = int(self._records[number])
        return None if record < 0 else record

    def mark(self, number: int, islands: Iterable[int]) -> None:
        """Note that a program was proposed on these islands."""
        for island in islands:
            self._islands[number] |= np.uint64(1 << island)

    def marked(self, number: int, island: int) -> bool:
        """Whether the program was proposed on the island since its last reset."""
        return bool(int(self._islands[number]) >> island & 1)

    def clear(self, island: int) -> None:
        """Forget what was proposed on an island: it was reset."""
        self._islands[: len(self)] &= np.uint64(~(1 << island) & 0xFFFF_FFFF_FFFF_FFFF)
