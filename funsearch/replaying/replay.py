"""One replay of a run's folder, from its first record to its last or to any other."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from funsearch.archive.reader import Reader
from funsearch.archive.records import RunRecord
from funsearch.config import Config
from funsearch.islands import Overview
from funsearch.parts import RunError
from funsearch.replaying.course import Course
from funsearch.replaying.difference import Differs
from funsearch.replaying.draws import outline
from funsearch.session import read_config
from funsearch.state import Best

Progress = Callable[[int, int], None]
"""Called now and then with how many records were replayed, and how many there are."""
_STEP = 256
"""Records between two calls of it."""


@dataclass(frozen=True)
class Replayed:
    """What a replay reached.

    Attributes:
        folder: of the run.
        difference: what ended it early, or None if every record followed.
        records: how many followed.
        samples: replies among them.
        programs: that came out of replies, repetitions counted.
        draws: made again.
        prompts: rendered again.
        verdicts: status → how many.
        waiting: generations without a verdict at the end.
        resets: how many.
        best: program so far.
        islands: one by one.
        state: digest of islands with their programs in order, of counts and of the best program.
        seconds: that the replay took.
        run_seconds: of search, by the times on record.
        notes: on what is no difference, but may explain one.
    """

    folder: Path
    difference: Differs | None
    records: int
    samples: int
    programs: int
    draws: int
    prompts: int
    verdicts: dict[str, int]
    waiting: int
    resets: int
    best: Best | None
    islands: Sequence[Overview]
    state: str
    seconds: float
    run_seconds: float
    notes: tuple[str, ...]


def recorded_config(reader: Reader) -> Config:
    """Return the configuration of a run; its problem's file must be the one on record.

    Raises:
        RunError, ConfigError, ProblemError: it cannot be had.
        ArchiveError: the log cannot be read.
    """
    for _, record in reader.records():
        if isinstance(record, RunRecord):
            reader.config()  # refuses what is too large to be one
            return read_config(reader.folder, record.problem_digest)
        break
    raise RunError(f"{reader.folder} does not begin with the record of a run")


def replay(folder: Path, until: int | None = None, progress: Progress | None = None) -> Replayed:
    """Drive a recorded search again.

    Args:
        folder: of the run.
        until: number of the last record to replay, or None for all there are.
        progress: who wants to hear.

    Raises:
        RunError: the log has no such record, or does not begin as one.
        ConfigError, ProblemError, TemplateError: the run's configuration is not one of this
            installation.
        ArchiveError: the archive cannot be read.
    """
    began = time.monotonic()
    difference: Differs | None = None
    with Reader(folder) as reader:
        config = recorded_config(reader)
        found = outline(reader.records(), until)
        if until is not None and found.records <= until:
            raise RunError(f"{folder} has {found.records} records, and so none with number {until}")
        course = Course(config, reader, found)
        done = 0
        try:
            for number, record in reader.records():
                course.follow(number, record)
                done = number + 1
                if progress is not None and done % _STEP == 0:
                    progress(done, found.records)
                if done == found.records:  # a run under way may have written more since
                    break
            course.end(done - 1)
        except Differs as error:
            difference = error
    state = course.state
    return Replayed(
        folder=folder,
        difference=difference,
        records=done,
        samples=state.samples,
        programs=course.programs,
        draws=course.draws.made,
        prompts=course.prompts,
        verdicts=dict(state.verdicts),
        waiting=len(state.pending),
        resets=state.search.resets,
        best=state.best,
        islands=state.search.overview(),
        state=course.contents.digest(state),
        seconds=time.monotonic() - began,
        run_seconds=state.clock.seconds,
        notes=tuple(course.notes),
    )
