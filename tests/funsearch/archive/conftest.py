"""Records and archives to test with."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from funsearch.archive.archive import Archive, Receipt
from funsearch.archive.records import (
    Conditions,
    EvaluationRecord,
    Finding,
    GenerationRecord,
    OutageRecord,
    ResetRecord,
    RetractionRecord,
    RunRecord,
    VerificationRecord,
)

CONFIG = "problem: cap_set\n"
PACKAGES = b"everything that is installed\n"


def digest(data: bytes | str) -> str:
    """Return the SHA-256 of some text, in hex."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


class Make:
    """Records with what a test does not care about filled in."""

    config = CONFIG
    packages = PACKAGES
    digest = staticmethod(digest)
    conditions = Conditions(digest("problem"), digest("evaluator"), digest(PACKAGES))

    def run(self, **changes: object) -> RunRecord:
        record = RunRecord(
            event="started",
            problem="cap_set",
            problem_digest=digest("problem"),
            instances=("n=8",),
            config=digest(CONFIG),
            seed=2**64 - 1,
            evaluator=digest("evaluator"),
            environment={"python": "3.11.7"},
            packages=digest(PACKAGES),
            log="the log",
            time="1763881562.5",
        )
        return replace(record, **changes)  # type: ignore[arg-type]

    def source(self, name: object) -> bytes:
        return f"def priority(el, n):\n    return {name!r}\n".encode()

    def seed(self, name: object = 0, **changes: object) -> GenerationRecord:
        record = GenerationRecord(
            program=digest(self.source(name)),
            rejected="",
            draw=None,
            index=0,
            island=None,
            epoch=0,
            registrations=0,
            parents=(),
            prompt="",
            template="",
            reply=digest(self.source(name)),
            sampler="seed",
            time="1763881562.0",
        )
        return replace(record, **changes)  # type: ignore[arg-type]

    def generation(
        self, name: object, parents: Sequence[object], draw: int = 1, **changes: object
    ) -> GenerationRecord:
        record = GenerationRecord(
            program=digest(self.source(name)),
            rejected="",
            draw=draw,
            index=0,
            island=3,
            epoch=1,
            registrations=draw,
            parents=tuple(digest(self.source(parent)) for parent in parents),
            prompt=digest(f"prompt {draw}"),
            template=digest("template"),
            reply=digest(self.source(name)),
            sampler="syntax",
            seconds=0.25,
            time="1763881562.123456",
        )
        return replace(record, **changes)  # type: ignore[arg-type]

    def evaluation(
        self, generation: int, name: object, score: float | None, **changes: object
    ) -> EvaluationRecord:
        record = EvaluationRecord(
            generation=generation,
            program=digest(self.source(name)),
            status="crashed" if score is None else "ok",
            conditions=self.conditions,
            score=score,
            scores={} if score is None else {"n=8": score},
            reason="ZeroDivisionError" if score is None else "",
            tier="interpreter",
            registered=score is not None,
        )
        return replace(record, **changes)  # type: ignore[arg-type]

    def reset(self, number: int, founder: object) -> ResetRecord:
        return ResetRecord(number, "registrations", 10, ((2, digest(self.source(founder))),))

    def outage(self, draw: int, **changes: object) -> OutageRecord:
        record = OutageRecord(
            draw=draw,
            prompt=digest(f"prompt {draw}"),
            sampler="openai",
            model="some-model",
            reason="http://localhost/v1 answers 503: busy",
            retry_seconds=2.0,
            time="1763881562.5",
        )
        return replace(record, **changes)  # type: ignore[arg-type]

    def retraction(self, target: int, **changes: object) -> RetractionRecord:
        return replace(RetractionRecord(target, digest("entry"), "a slip", "me"), **changes)  # type: ignore[arg-type]

    def verification(self, name: object, evaluation: int, **changes: object) -> VerificationRecord:
        record = VerificationRecord(
            program=digest(self.source(name)),
            evaluation=evaluation,
            conditions=self.conditions,
            checker=digest("checker"),
            agreed=True,
            findings=(Finding("n=8", False, "ok", 1.0, 1.0, "valid 1"),),
        )
        return replace(record, **changes)  # type: ignore[arg-type]

    def start(self, archive: Archive, name: object) -> Receipt:
        """Append a starting program with its text."""
        return archive.append(self.seed(name), [self.source(name)])

    def search(self, archive: Archive, programs: int, seed: int = 0) -> list[int]:
        """Append a run that looks like one; return the numbers of all records."""
        draws = random.Random(seed)
        numbers = [archive.append(self.run(), [PACKAGES]).number]

        def attempt(record: GenerationRecord, name: object, score: float | None) -> None:
            receipt = archive.append(record, [self.source(name)])
            verdict = archive.append(self.evaluation(receipt.number, name, score))
            numbers.extend((receipt.number, verdict.number))

        attempt(self.seed(), 0, 1.0)
        known: list[object] = [0]
        for draw in range(1, programs):
            parents = draws.choices(known, k=2)
            # Every fifth time an earlier program is proposed again.
            name = draws.choice(known) if draws.random() < 0.2 else draw
            known.append(name)
            score = None if draws.random() < 0.3 else float(draws.randrange(9))
            attempt(self.generation(name, parents, draw), name, score)
            if draw % 20 == 0:
                final = draw % 40 == 0
                outage = self.outage(draw, retry_seconds=None if final else 0.25)
                numbers.append(archive.append(outage).number)
            if draw % 50 == 0:
                numbers.append(archive.append(self.reset(draw // 50, parents[0])).number)
        return numbers


@pytest.fixture
def make() -> Make:
    return Make()


@pytest.fixture
def run(tmp_path: Path, make: Make) -> Path:
    """The folder of a finished search of 60 programs; its index is up to date."""
    with Archive.create(tmp_path / "run", CONFIG) as archive:
        make.search(archive, 60)
    return tmp_path / "run"
