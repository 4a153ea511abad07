"""Runs whose programs have sources that a test writes line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from funsearch.archive.archive import Archive
from funsearch.archive.records import EvaluationRecord, GenerationRecord
from tests.funsearch.archive.conftest import CONFIG, PACKAGES, Make, digest


def text(*lines: str) -> bytes:
    """Return a source with some lines in its body."""
    return "\n".join(["def priority(el, n):", *(f"    {line}" for line in lines)]).encode() + b"\n"


class Story:
    """Writes a run, program after program."""

    def __init__(self, folder: Path, config: str = CONFIG, **run: object) -> None:
        self.folder = folder
        self.make = Make()
        self.archive = Archive.create(folder, config)
        self.archive.append(self.make.run(config=digest(config), **run), [PACKAGES])
        self.draw = 0

    def program(
        self,
        source: bytes,
        parents: Sequence[str] = (),
        score: float | None = 1.0,
        *,
        objects: Sequence[bytes] | None = None,
        **changes: object,
    ) -> str:
        """Append a program with its verdict; return its id."""
        name = digest(source)
        record: GenerationRecord
        if parents:
            self.draw += 1
            made = self.make.generation(0, [], self.draw, program=name)
            record = replace(made, parents=tuple(parents))
        else:
            record = self.make.seed(0, program=name)
        record = replace(record, reply=digest(source))
        known = {key: value for key, value in changes.items() if hasattr(record, key)}
        record = replace(record, **known)  # type: ignore[arg-type]
        kept = [source] if objects is None else objects
        number = self.archive.append(record, kept).number
        verdict = self.make.evaluation(number, 0, score, program=name)
        others = {key: value for key, value in changes.items() if key not in known}
        verdict = replace(verdict, **others)  # type: ignore[arg-type]
        assert isinstance(verdict, EvaluationRecord)
        self.archive.append(verdict)
        return name
