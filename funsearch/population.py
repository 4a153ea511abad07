"""All programs a run has proposed, in a few columns: about 100 bytes each, so that millions fit.

A program has a number here, in order of its first appearance; its text lives in the archive.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from evaluators.verdict import Status
from funsearch.columns import Columns, column

T = TypeVar("T", bound=np.generic)

_GROWTH = 1.25
"""Capacity grows by this factor: a little more copying, a little less memory than doubling."""
_DIGEST_BYTES = 32
_FIRST_SLOTS = 256
"""Of a new table: an island between two resets seldom needs more."""
_key = struct.Struct("<Q24x").unpack
"""Returns the first eight of 32 bytes, and no other number of bytes, as an integer."""
_MOST_STEPS = 64
"""Steps a digest may need on average to find its slot. Digests that are uniform need two; such as
somebody chose to end up together could need a million."""


def grown(column: NDArray[T], needed: int, empty: float = 0) -> NDArray[T]:
    """Return the column, or a copy with more room, so that `needed` rows fit.

    Args:
        column: array of any shape, its rows along the first axis.
        needed: number of rows.
        empty: what fills a new row.
    """
    if needed <= len(column):
        return column
    capacity = max(needed, int(len(column) * _GROWTH) + 16)
    result = np.full((capacity, *column.shape[1:]), empty, dtype=column.dtype)
    result[: len(column)] = column
    return result


class DigestTable:
    """Numbers distinct 32-byte digests 0, 1, 2 … in order of arrival.

    Open addressing with linear probing over digests that are uniform already; a Python dict of
    bytes would need four times the memory.
    """

    def __init__(self) -> None:
        self._digests = bytearray()  # one after the other, by number
        self._slots = np.full(_FIRST_SLOTS, -1, dtype=np.int32).data
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def nbytes(self) -> int:
        """Memory in use, in bytes."""
        return self._digests.__sizeof__() + self._slots.nbytes

    def digest(self, number: int) -> bytes:
        """Return the digest with that number."""
        if not 0 <= number < self._count:
            raise IndexError(f"there is no digest {number}")
        at = number * _DIGEST_BYTES
        return bytes(self._digests[at : at + _DIGEST_BYTES])

    def find(self, digest: bytes) -> int | None:
        """Return the number of a digest, or None."""
        number = self._slots[self._slot(digest)]
        return None if number < 0 else number

    def add(self, digest: bytes) -> tuple[int, bool]:
        """Return the number of a digest, and whether it is new."""
        slot = self._slot(digest)
        found = self._slots[slot]
        if found >= 0:
            return found, False
        number = self._count
        self._digests += digest
        self._slots[slot] = number
        self._count += 1
        if 3 * self._count > 2 * len(self._slots):
            self._slots = _slots_of(self.digests(), 2 * len(self._slots)).data
        return number, True

    def digests(self) -> NDArray[np.uint8]:
        """Return a copy of all digests by number, uint8 array of shape (digests, 32)."""
        copy = np.frombuffer(bytes(self._digests), dtype=np.uint8)
        return copy.reshape(-1, _DIGEST_BYTES)

    @classmethod
    def of(cls, digests: NDArray[np.uint8]) -> DigestTable:
        """Return the table that numbers digests in their order.

        Args:
            digests: uint8 array, shape (digests, 32).

        Raises:
            ValueError: one of them is there twice, or they are not those of any honest log.
        """
        table = cls()
        slots = len(table._slots)
        while 3 * len(digests) > 2 * slots:
            slots *= 2
        table._slots = _slots_of(digests, slots, _MOST_STEPS * len(digests)).data
        table._digests += digests.tobytes()
        table._count = len(digests)
        return table

    def _slot(self, digest: bytes) -> int:
        """Return the slot that holds the digest, or the free one where it belongs."""
        slots, digests = self._slots, self._digests
        mask = len(slots) - 1
        slot = _key(digest)[0] & mask
        while (number := slots[slot]) >= 0:
            if digests.startswith(digest, number * _DIGEST_BYTES):
                break
            slot = (slot + 1) & mask
        return slot


def _slots_of(
    digests: NDArray[np.uint8], size: int, most_steps: float = math.inf
) -> NDArray[np.int32]:
    """Return the slots in which linear probing finds each digest's number.

    All digests step on at once, until each has a slot of its own; it never passes a free one.

    Args:
        digests: uint8 array, shape (digests, 32).
        size: number of slots; a power of two, above that of the digests.
        most_steps: of all digests together.

    Raises:
        ValueError: a digest is there twice, or they need more steps.
    """
    slots = np.full(size, -1, dtype=np.int32)
    keys = digests[:, :8].copy().view("<u8")[:, 0]
    places = (keys & np.uint64(size - 1)).astype(np.int64)
    numbers = np.arange(len(digests), dtype=np.int32)
    while len(numbers):
        free = slots[places] < 0
        slots[places[free]] = numbers[free]  # of several that want one slot, one gets it
        holders = slots[places]
        left = holders != numbers
        twins = left & (keys[holders] == keys[numbers])
        if (digests[holders[twins]] == digests[numbers[twins]]).all(axis=1).any():
            raise ValueError("has a digest twice")
        numbers, places = numbers[left], (places[left] + 1) & (size - 1)
        most_steps -= len(numbers)
        if most_steps < 0:
            raise ValueError("has digests that hinder each other more than any honest ones")
    return slots


_STATUSES = tuple(Status)
_NUMBER_OF_STATUS = {status: number for number, status in enumerate(_STATUSES)}

MAX_ISLANDS = 64
"""Islands are bits of one word."""


class Population:
    """Every program a run has proposed, and what the search needs to know of it.

    Args:
        instances: length of a signature.
    """

    def __init__(self, instances: int) -> None:
        self._ids = DigestTable()
        self._lengths = np.zeros(0, dtype=np.int32)
        self._scores = np.zeros(0, dtype=np.float64)
        self._signatures = np.zeros((0, instances), dtype=np.float64)
        self._records = np.zeros(0, dtype=np.int64)
        self._islands = np.zeros(0, dtype=np.uint64)
        self._statuses = np.zeros(0, dtype=np.uint8)

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
        if new and number == len(self._records):
            self._lengths = grown(self._lengths, number + 1)
            self._scores = grown(self._scores, number + 1, np.nan)
            self._signatures = grown(self._signatures, number + 1, np.nan)
            self._records = grown(self._records, number + 1, -1)
            self._islands = grown(self._islands, number + 1)
            self._statuses = grown(self._statuses, number + 1)
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
        if self._records.item(number) >= 0:
            return
        self._statuses[number] = _NUMBER_OF_STATUS[status]
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
        return self._lengths.item(number)

    def score(self, number: int) -> float | None:
        """Return its aggregate score, or None if it has none."""
        score = self._scores.item(number)
        return None if math.isnan(score) else score

    def signature(self, number: int) -> tuple[float, ...]:
        """Return its scores per training instance."""
        return tuple(self._signatures[number].tolist())

    def record(self, number: int) -> int | None:
        """Return the number of the record of its first evaluation, or None if it has none yet."""
        record = self._records.item(number)
        return None if record < 0 else record

    def mark(self, number: int, islands: Iterable[int]) -> bool:
        """Note that a program was proposed on these islands; return whether it had been on all."""
        marks = 0
        for island in islands:
            marks |= 1 << island
        before = self._islands.item(number)
        self._islands[number] = before | marks
        return before & marks == marks

    def marked(self, number: int, island: int) -> bool:
        """Whether the program was proposed on the island since its last reset."""
        return bool(self._islands.item(number) >> island & 1)

    def clear(self, islands: Iterable[int]) -> None:
        """Forget what was proposed on these islands: they were reset."""
        kept = (1 << MAX_ISLANDS) - 1
        for island in islands:
            kept &= ~(1 << island)
        self._islands[: len(self)] &= np.uint64(kept)

    def lengths(self, numbers: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return `length` of many programs."""
        return self._lengths[numbers]

    def scores(self, numbers: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return `score` of many programs; NaN for one that has none."""
        return self._scores[numbers]

    def columns(self) -> Columns:
        """Return all there is to keep, by number of the program."""
        count = len(self)
        return {
            "ids": self._ids.digests(),
            "lengths": self._lengths[:count],
            "scores": self._scores[:count],
            "signatures": self._signatures[:count],
            "records": self._records[:count],
            "islands": self._islands[:count],
            "statuses": self._statuses[:count],
        }

    def restore(self, columns: Columns) -> None:
        """Become the population whose `columns` these are.

        Raises:
            ValueError: they are not those of any; one line says why.
        """
        ids = column(columns, "ids", np.uint8, (None, 32))
        count = len(ids)
        lengths = column(columns, "lengths", np.int32, (count,), 0)
        scores = column(columns, "scores", np.float64, (count,))
        signatures = column(columns, "signatures", np.float64, (count, self._signatures.shape[1]))
        records = column(columns, "records", np.int64, (count,), -1)
        islands = column(columns, "islands", np.uint64, (count,))
        statuses = column(columns, "statuses", np.uint8, (count,), 0, len(_STATUSES) - 1)
        scored = ~np.isnan(scores)
        if not (np.isfinite(scores[scored]).all() and np.isfinite(signatures[scored]).all()):
            raise ValueError("has a score that is not finite")
        if (scored != ((records >= 0) & (statuses == _NUMBER_OF_STATUS[Status.OK]))).any():
            raise ValueError("has a score of a program that failed, or lacks one")
        self._ids = DigestTable.of(ids)
        self._lengths, self._scores, self._signatures = lengths, scores, signatures
        self._records, self._islands, self._statuses = records, islands, statuses
