"""Runs of one program whose records a test writes by hand: true ones, and others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import funsearch
from evaluators import identity
from evaluators.program import Program
from funsearch import recording
from funsearch.archive.archive import Archive
from funsearch.archive.reader import Reader
from funsearch.archive.records import EvaluationRecord, RunRecord
from funsearch.config import compose
from funsearch.session import config_text
from funsearch.verification import Verified

PROBLEM = '''"""value: numbers of any size."""

import numpy as np
from problems import Array, Invalid, Limits, Metric, Problem


def guess(x: int) -> float:
    """Return a number."""
    return 1.0


def construct(candidate, instance):
    return np.array([candidate(instance.data["x"])], dtype="float64")


def score(instance, certificate):
    if certificate.shape != (1,) or not np.isfinite(certificate[0]):
        raise Invalid("is no number")
    return float(certificate[0])


problem = Problem(
    name="value", evolve=guess, construct=construct, score=score,
    metric=Metric("value", "units"),
    certificate=Array("float64", ndim=1, max_elements=1),
    limits=Limits(wall_s=WALL_S, confirm_s=60.0),
    instances=lambda: {f"x={x}": {"x": x} for x in INSTANCES},
    training=["x=0", "x=1"], held_out=[f"x={x}" for x in HELD_OUT],
)
'''
CHECKER = """import json, sys
with open(sys.argv[1]) as file:
    value = json.load(file)["data"][0]
SAY
"""
HONEST = 'print("valid", value)'
SOURCE = "def guess(x):\n    return 7.0 + x"
SCORES = {"x=0": 7.0, "x=1": 8.0}


@dataclass(frozen=True)
class Recorded:
    """A run of one program, written by hand: its folder, program and evaluation record."""

    folder: Path
    program: str
    evaluation: EvaluationRecord

    def verify(self) -> Verified:
        return funsearch.verify(self.program, self.folder)

    def records(self) -> list[object]:
        with Reader(self.folder) as reader:
            return [record for _, record in reader.records()]


def problem(
    folder: Path,
    held_out: tuple[int, ...] = (2, 3, 4),
    checker: str | None = HONEST,
    wall_s: float = 10.0,
) -> Path:
    """Write a problem of our own, with its checker; return its file."""
    path = folder / "value.py"
    text = PROBLEM.replace("INSTANCES", str([0, 1, *held_out])).replace("WALL_S", str(wall_s))
    path.write_text(text.replace("HELD_OUT", str(list(held_out))))
    if checker is not None:
        (folder / "checkers").mkdir()
        (folder / "checkers" / "value.py").write_text(CHECKER.replace("SAY", checker))
    return path


def recorded(
    folder: Path, path: Path, source: str, scores: Mapping[str, float], **changes: object
) -> Recorded:
    """Write the archive of a run of a problem by path, with one program and its evaluation."""
    config = compose([f"problem={path}", "cluster.workers=1"])
    environment = recording.environment_text()
    program = Program(config.loaded.problem.evolve.__name__, source)
    digest = sha256(source.encode()).hexdigest()
    text = config_text(config)
    with Archive.create(folder, text) as archive:
        run = RunRecord(
            event="started",
            problem=config.loaded.problem.name,
            problem_digest=config.loaded.digest,
            instances=config.instances,
            config=sha256(text.encode()).hexdigest(),
            seed=0,
            evaluator=identity.evaluator_digest(),
            environment=identity.environment(),
            packages=sha256(environment).hexdigest(),
            log=archive.verifier,
            time="1790000000.5",
        )
        archive.append(run, [environment])
        generation = recording.of_start(source, "seed", 0, program, ())
        archive.append(generation, [source.encode()])
        evaluation = EvaluationRecord(
            generation=1,
            program=digest,
            status="ok",
            conditions=run.conditions,
            score=sum(scores.values()) / len(scores) if scores else None,
            scores=scores,
            tier="interpreter",
            registered=True,
            time="1790000001.5",
        )
        evaluation = replace(evaluation, **changes)  # type: ignore[arg-type]
        archive.append(evaluation)
    return Recorded(folder, digest, evaluation)
