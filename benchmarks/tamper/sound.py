"""A sound archive, made by a real search in three sessions, and older copies of it."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import funsearch
from funsearch import api
from funsearch.archive import log
from funsearch.archive.reader import Reader
from funsearch.archive.records import EvaluationRecord
from funsearch.archive.tlog.witness import Witness, leave

SAMPLES = (250, 500, 750)
"""Of the search, at the end of each session."""


@dataclass(frozen=True)
class Sound:
    """A run and what there is of it elsewhere.

    Attributes:
        folder: of the run; never changed.
        older: copies of it after each earlier session.
        later: the same run after one more session.
        witness: folder of a witness who saw the run as it is in `folder`.
    """

    folder: Path
    older: tuple[Path, ...]
    later: Path
    witness: Path


def make(base: Path) -> Sound:
    """Search, in three sessions and one more, with resets; verify, retract and witness."""
    run = base / "run"
    older: list[Path] = []
    witness = base
    for number, samples in enumerate(SAMPLES):
        if number == 0:
            funsearch.run(
                *("problem.n=4", "run.seconds=null", f"run.samples={samples}", f"run.dir={run}"),
                *("run.seed=5", "search.reset_registrations=100"),
            )
        else:
            funsearch.resume(run, f"run.samples={samples}")
        witness = base / f"witness {number}"
        leave(run, Witness(witness).look(log.fetcher(run), "the run", int(time.time())))
        if number < len(SAMPLES) - 1:
            older.append(Path(shutil.copytree(run, base / f"older {number}")))
    _retract(run)
    leave(run, Witness(witness).look(log.fetcher(run), "the run", int(time.time())))
    folder = Path(shutil.copytree(run, base / "sound"))
    funsearch.resume(run, f"run.samples={SAMPLES[-1] + 20}")
    return Sound(folder, tuple(older), run, witness)


def _retract(run: Path) -> None:
    """Retract an evaluation, so that there is such a record too."""
    with Reader(run) as reader:
        target = next(n for n, record in reader.records() if isinstance(record, EvaluationRecord))
    api.retract(target, run, "to have one", "the benchmark")
