"""What finished runs say of themselves, whoever made them: read from their records alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from funsearch.archive import files, judgements, queries, runs
from funsearch.archive.errors import ArchiveError
from funsearch.archive.queries import Course, Improvement
from funsearch.archive.reader import Reader
from funsearch.archive.records import RunRecord
from funsearch.config import ConfigError

_MOST_LEAVES = 10_000
"""Of a configuration."""
_NO_PART_OF_A_SETTING = ("metric.", "versions.", "cluster.", "run.seed", "run.dir")


@dataclass(frozen=True)
class Meaning:
    """What the scores of a run are.

    Attributes:
        problem: its name.
        digest: of its source.
        instances: training instances.
        metric: its name.
        unit: of the metric.
        direction: in which scores get better.
        best_known: or None.
    """

    problem: str
    digest: str
    instances: tuple[str, ...]
    metric: str
    unit: str
    direction: Literal["max", "min"]
    best_known: float | None


@dataclass(frozen=True)
class Result:
    """A run.

    Attributes:
        setting: that it belongs to.
        seed: of the run.
        folder: of the run.
        ended: why it ended, as it says itself. Hostile: escape it wherever it is shown.
        meaning: of its scores.
        course: how its best score grew; there is at least one.
    """

    setting: str
    seed: int
    folder: Path
    ended: str
    meaning: Meaning
    course: Course

    @property
    def best(self) -> Improvement:
        """The last one."""
        return self.course.improvements[-1]


def result_of(folder: Path, setting: str) -> Result:
    """Return what a run came to.

    Raises:
        ArchiveError: it cannot be read, or no program has a score.
    """
    with Reader(folder) as reader:
        return _result(reader, setting, tree_of(reader))


def results_of(names: Sequence[str]) -> list[Result]:
    """Return the runs of some folders; those of equal configuration but for the seed are a setting.

    Args:
        names: folders of runs, names of runs, or folders with runs in them.

    Raises:
        ConfigError: there is nothing to compare.
        ArchiveError: a run cannot be read.
    """
    found: list[Result] = []
    leaves: list[dict[str, str]] = []
    for folder in _folders(names):
        with Reader(folder) as reader:
            tree = tree_of(reader)
            found.append(_result(reader, "", tree))
        leaves.append(_leaves(tree))
    labels = _labels([_own(each) for each in leaves], [_stem(result) for result in found])
    return [replace(result, setting=label) for result, label in zip(found, labels, strict=True)]


def at_equal_samples(results: Sequence[Result], samples: int | None) -> tuple[list[Result], int]:
    """Return the runs as they were after so many samples.

    Args:
        results: runs.
        samples: how many, or None for as many as the shortest run has.

    Returns:
        The runs that have so many, and how many that is.
    """
    most = min(each.course.samples for each in results) if samples is None else samples
    cut: list[Result] = []
    for result in results:
        if result.course.samples < most:
            continue
        kept = tuple(each for each in result.course.improvements if each.samples <= most)
        if kept:
            cut.append(replace(result, course=replace(result.course, improvements=kept)))
    return cut, most


def check_comparable(results: Sequence[Result]) -> Meaning:
    """Return what the scores of all runs mean.

    Raises:
        ConfigError: they do not mean the same.
    """
    first = results[0]
    for other in results:
        for what in ("problem", "digest", "instances", "metric", "unit", "direction"):
            one, two = getattr(first.meaning, what), getattr(other.meaning, what)
            if one != two:
                what = "source of the problem" if what == "digest" else what
                raise ConfigError(
                    f"{first.folder} and {other.folder} cannot be compared: the {what} differs"
                )
    return first.meaning


def tree_of(reader: Reader) -> dict[str, Any]:
    """Return the configuration of a run as plain data, whoever wrote it.

    Raises:
        ArchiveError: there is none.
    """
    import yaml

    try:
        tree = yaml.safe_load(reader.config())
    except (yaml.YAMLError, RecursionError, ValueError):
        tree = None
    if not isinstance(tree, dict):
        raise ArchiveError(f"{reader.folder / files.CONFIG} is not the configuration of a run")
    return {str(key): value for key, value in tree.items()}


def _folders(names: Sequence[str]) -> list[Path]:
    root = runs.runs_root()
    found: list[Path] = []
    for name in names:
        path = Path(name)
        inside = [*runs.find_runs(path), *runs.find_runs(path / "runs")] if path.is_dir() else []
        found += inside or [runs.resolve_run(name, root)]
    different = list({path.resolve(): path for path in found}.values())
    if len(different) < 2:
        raise ConfigError("nothing to compare: name two runs or more, or folders with runs in them")
    return different


def _result(reader: Reader, setting: str, tree: dict[str, Any]) -> Result:
    record = next((record for _, record in reader.records()), None)
    if not isinstance(record, RunRecord):
        raise ArchiveError(f"{reader.folder} does not begin with the record of a run")
    meaning = _meaning(record, tree.get("metric"))
    retracted = judgements.standing(judgements.retractions(reader))
    course = queries.course(reader.index, meaning.direction, retracted)
    if not course.improvements:
        raise ArchiveError(f"{reader.folder}: no program has a score")
    state = queries.summary(reader.index, meaning.direction, is_written=reader.is_written).state
    return Result(setting, record.seed, reader.folder, state, meaning, course)


def _meaning(record: RunRecord, metric: object) -> Meaning:
    facts: dict[Any, Any] = metric if isinstance(metric, dict) else {}
    known = facts.get("best_known")
    known = float(known) if isinstance(known, (int, float)) and math.isfinite(known) else None
    return Meaning(
        problem=record.problem,
        digest=record.problem_digest,
        instances=record.instances,
        metric=str(facts.get("name", "score"))[:40],
        unit=str(facts.get("unit", ""))[:40],
        direction="min" if facts.get("direction") == "min" else "max",
        best_known=known,
    )


def _leaves(tree: dict[str, Any]) -> dict[str, str]:
    """Return key → text of a configuration's values.

    Raises:
        ArchiveError: there are more than anybody's configuration has.
    """
    found: dict[str, str] = {}
    waiting: list[tuple[str, Any]] = [("", tree)]
    while waiting:
        key, value = waiting.pop()
        if len(found) + len(waiting) > _MOST_LEAVES:
            raise ArchiveError(f"a configuration has more than {_MOST_LEAVES} values")
        children = value.items() if isinstance(value, dict) else ()
        children = enumerate(value) if isinstance(value, list) else children
        inner = [(f"{key}.{name}" if key else str(name), child) for name, child in children]
        waiting += inner
        if not inner:
            found[key] = str(value)
    return found


def _own(leaves: dict[str, str]) -> dict[str, str]:
    return {key: leaves[key] for key in leaves if not key.startswith(_NO_PART_OF_A_SETTING)}


def _stem(result: Result) -> str:
    """Return the name of a run's folder without its seed; empty if it does not end in that."""
    name, dash, seed = result.folder.name.rpartition("-")
    return name if dash and seed == str(result.seed) else ""


def _labels(settings: Sequence[dict[str, str]], stems: Sequence[str]) -> list[str]:
    """Return a name for each run: equal for equal settings, and telling.

    That of its folder if all runs of the setting have it and no other one; else what sets the
    setting apart from the others.
    """
    keys = [tuple(sorted(each.items())) for each in settings]
    groups = list(dict.fromkeys(keys))
    names: dict[tuple[tuple[str, str], ...], str] = {}
    for number, group in enumerate(groups, 1):
        own = {stem for key, stem in zip(keys, stems, strict=True) if key == group}
        others = {stem for key, stem in zip(keys, stems, strict=True) if key != group}
        if len(own) == 1 and "" not in own and not own & others:
            names[group] = own.pop()
            continue
        said = [
            f"{key.removesuffix('._target_')}={value.rpartition('.')[2] or value}"
            if key.endswith("_target_")
            else f"{key}={value}"
            for key, value in group
            if any(dict(other).get(key) != value for other in groups)
        ]
        # What is built comes first: it says more than the values that go with it.
        said.sort(key=lambda text: text.count("."))
        names[group] = f"{number}: {' '.join(said[:2])[:60] or 'all'}"
    return [names[key] for key in keys]
