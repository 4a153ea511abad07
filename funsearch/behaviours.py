"""Behaviour: which program of an island built what on the probe, as far as the log says.

The probe is a training instance. Its certificates, by their digests on record, tell behaviours
apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

import numpy as np

from funsearch.archive.records import EvaluationRecord, GenerationRecord
from funsearch.columns import Columns, column
from funsearch.population import DigestTable, Population, grown

_pointer = re.compile(r".* behaves like ([0-9a-f]{64}) .* \(record [0-9]+\)", re.DOTALL).fullmatch


class Behaviours:
    """For each island and object built on the probe, the shortest program that was registered.

    A program that came from another island by its source alone counts there with no behaviour: its
    record holds no certificate.

    Args:
        probe: name of the instance.
        population: the programs that are spoken of.

    Attributes:
        probe: name of the instance.
    """

    def __init__(self, probe: str, population: Population) -> None:
        self.probe = probe
        self._population = population
        self._keys = DigestTable()
        self._programs = np.zeros(0, dtype=np.int32)

    def note(
        self, homes: Iterable[tuple[int, int]], record: EvaluationRecord, program: int
    ) -> None:
        """Note what a program that was registered built, if its record says so.

        Args:
            homes: island and epoch of each registration.
            record: of its evaluation.
            program: its number.
        """
        built = record.certificates.get(self.probe)
        for island, epoch in homes if built is not None else ():
            key, new = self._keys.add(_key(island, epoch, built or ""))
            self._programs = grown(self._programs, key + 1)
            length = self._population.length
            if new or length(program) < length(self._programs.item(key)):
                self._programs[key] = program

    def twin(self, generation: GenerationRecord, built: str, length: int) -> int | None:
        """Return the program that makes another a duplicate: equal on the probe, not longer.

        Args:
            generation: of the other; of an island.
            built: digest of what the other built.
            length: of the other's source, in UTF-8 bytes.
        """
        assert generation.island is not None
        key = self._keys.find(_key(generation.island, generation.epoch, built))
        if key is None:
            return None
        found = self._programs.item(key)
        return found if self._population.length(found) <= length else None

    def reason(self, twin: int) -> str:
        """Return why a program that has this twin is rejected."""
        name, record = self._population.id(twin), self._population.record(twin)
        return f"duplicate: behaves like {name} on the probe {self.probe} (record {record})"

    def pointed_at(self, reason: str, length: int) -> int | None:
        """Return the program that a reason on record names, if it can be the twin it is said to be.

        Args:
            reason: anybody's.
            length: of the program that is rejected for it.
        """
        match = _pointer(reason)
        found = None if match is None else self._population.find(match[1])
        if found is None or self._population.score(found) is None:
            return None
        fits = self._population.length(found) <= length and self.reason(found) == reason
        return found if fits else None

    def columns(self) -> Columns:
        """Return all there is to keep."""
        return {"keys": self._keys.digests(), "programs": self._programs[: len(self._keys)]}

    def restore(self, columns: Columns) -> None:
        """Become what these are the `columns` of, once the population was restored.

        Raises:
            ValueError: they are not those of any; one line says why.
        """
        keys = column(columns, "keys", np.uint8, (None, 32))
        last = len(self._population) - 1
        self._programs = column(columns, "programs", np.int32, (len(keys),), 0, last)
        self._keys = DigestTable.of(keys)


def _key(island: int, epoch: int, built: str) -> bytes:
    return sha256(f"{island} {epoch} {built}".encode()).digest()
