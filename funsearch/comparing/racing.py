"""Makes the runs of a comparison one after the other; finished ones are not made again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from funsearch import session
from funsearch.archive import files, queries
from funsearch.archive.errors import ArchiveError
from funsearch.archive.reader import Reader
from funsearch.comparing.results import Result, result_of, tree_of
from funsearch.comparing.settings import Task
from funsearch.config import ConfigError
from funsearch.interruption import Interrupted
from funsearch.session import Observing, Outcome

Watch = Callable[[int, Task], Observing]
"""Called with the number of a run in the order of all and its task; returns who wants to hear."""
_DECIDED_BY_WHO_IS_HERE = {"run": ("dir",), "cluster": ("unsafe_no_sandbox",)}


def race(
    tasks: Sequence[Task],
    watch: Watch | None = None,
    made: Callable[[int, Task, Outcome | None], None] | None = None,
) -> list[Result]:
    """Make the runs that are not finished; return what all of them came to, by settings.

    Args:
        tasks: in the order in which they are made.
        watch: see `Watch`.
        made: called after each with its outcome, or None if it was finished before.

    Raises:
        Interrupted: a signal stopped one of them; those before it are kept, and it can go on.
        ConfigError: a folder has a run of another configuration.
        ProblemError, SamplerError, PoolError, ArchiveError, RunError: one cannot go on.
    """
    states = [_state(task) for task in tasks]
    for number, (task, state) in enumerate(zip(tasks, states, strict=True)):
        outcome, observing = None, None if watch is None else watch(number, task)
        if state == "begun":
            unsafe = task.config.unsafe_no_sandbox
            outcome = session.resume(task.folder, {}, observing, unsafe_no_sandbox=unsafe)
        elif state == "none":
            outcome = session.begin(task.config, observing)
        if outcome is not None and outcome.reason == "interrupted":
            raise Interrupted(f"stopped during run {number + 1} of {len(tasks)}")
        if made is not None:
            made(number, task, outcome)
    settings = list(dict.fromkeys(task.setting for task in tasks))
    found = [result_of(task.folder, task.setting) for task in tasks]
    return sorted(found, key=lambda result: settings.index(result.setting))


def _state(task: Task) -> Literal["none", "begun", "finished"]:
    """Return how far a run is.

    Raises:
        ConfigError: it is a run of something else.
        ArchiveError: it cannot be read.
    """
    if not (task.folder / files.MARKER).is_file():
        return "none"
    with Reader(task.folder) as reader:
        difference = _difference(task, reader)
        if difference:
            raise ConfigError(
                f"{task.folder} is a run with another {difference}; "
                "choose another folder by --out, or other names"
            )
        found = queries.summary(reader.index, "max", is_written=reader.is_written)
    if found.state == "running":
        raise ArchiveError(f"{task.folder} is being written by another process")
    if found.state == "empty":
        raise ArchiveError(f"{task.folder} is a run that never began; delete it and try again")
    ended = found.state not in ("interrupted", "") and not found.state.startswith("error")
    return "finished" if ended else "begun"


def _difference(task: Task, reader: Reader) -> str:
    """Return the first key in which a run's configuration is not the task's; empty if none is."""
    recorded = tree_of(reader)
    for section, wanted in task.config.tree.items():
        kept = recorded.get(section)
        if not isinstance(wanted, dict) or not isinstance(kept, dict):
            if wanted != kept:
                return section
            continue
        for key in sorted({*wanted, *kept}, key=str):
            if key in _DECIDED_BY_WHO_IS_HERE.get(section, ()):
                continue
            if wanted.get(key) != kept.get(key):
                return f"{section}.{key}"
    return ""
