"""A run that the browser shows: its reader, what its scores mean, and its counts."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from funsearch.archive import judgements, queries
from funsearch.archive.errors import ArchiveError, Missing
from funsearch.archive.judgements import Retraction
from funsearch.archive.reader import Reader
from funsearch.archive.records import RunRecord
from funsearch.browser.facts.model import Metric, Text
from funsearch.browser.facts.tally import Tally
from problems import registry
from problems.contract import Known, Problem
from problems.contract import Metric as Meant

_is_name = re.compile(r"[a-z][a-z0-9_]{0,99}").fullmatch


class Attached:
    """A run that is shown. Nothing in its folder is run: only this project's own problems are."""

    def __init__(self, reader: Reader, name: str) -> None:
        """Attach an open reader under the name that addresses use."""
        self.reader, self.name = reader, name
        self._lock = threading.Lock()
        self._retractions: tuple[int, Sequence[Retraction]] = (-1, ())
        self._tally: Tally | None = None

    @classmethod
    def open(cls, folder: Path, name: str | None = None) -> Self:
        """Open a run's folder.

        Raises:
            ArchiveError: it is not the folder of a run, or damaged.
        """
        return cls(Reader(folder), name or folder.resolve().name)

    def close(self) -> None:
        """Give the files back."""
        self.reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """The tree of `config.yaml`; empty where it is none."""
        import yaml

        # Both are safe; that in C is quick enough for a megabyte of anything.
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            tree: Any = yaml.load(self.reader.config(), loader)  # noqa: S506
        except (ArchiveError, yaml.YAMLError, ValueError, TypeError, RecursionError):
            return {}
        return tree if isinstance(tree, dict) else {}

    @cached_property
    def started(self) -> RunRecord | None:
        """The record that the run began with."""
        row = self.reader.index.execute("SELECT min(number) FROM runs").fetchone()
        try:
            record = None if row[0] is None else self.reader.record(row[0])
        except ArchiveError:
            return None
        return record if isinstance(record, RunRecord) else None

    @cached_property
    def problem(self) -> Problem | None:
        """The run's problem, if it is one of this project's with the digest on record."""
        started = self.started
        if started is None or _is_name(started.problem) is None:
            return None
        source = Path(registry.__file__).with_name(f"{started.problem}.py")
        try:
            if not source.is_file() or registry.digest_of(source) != started.problem_digest:
                return None
            loaded = registry.load(started.problem, started.problem_digest)
        except (registry.ProblemError, OSError):
            return None
        return loaded.problem if loaded.source == source else None

    @cached_property
    def metric(self) -> Metric:
        """What a score means."""
        if self.problem is None or self.started is None:
            return _stated(self.config.get("metric"))
        meant, names = self.problem.metric, self.started.instances
        best, best_source = _combined(meant, meant.best_known, names)
        bound, bound_source = _combined(meant, meant.bound, names)
        told = (best, best_source, bound, bound_source)
        return Metric(meant.name, meant.unit, meant.direction, *told, ours=True)

    def retractions(self) -> Sequence[Retraction]:
        """Return the retractions of the run, the latest first; read again only if one came."""
        query = "SELECT coalesce(max(number), 0) FROM retractions"
        (last,) = self.reader.index.execute(query).fetchone()
        with self._lock:
            if last != self._retractions[0]:
                try:
                    self._retractions = last, judgements.retractions(self.reader)
                except ArchiveError:
                    self._retractions = last, ()
            return self._retractions[1]

    @property
    def tally(self) -> Tally:
        """The counts; begun anew if a record was retracted since."""
        retracted = frozenset(judgements.standing(self.retractions()))
        with self._lock:
            if self._tally is None or self._tally.retracted != retracted:
                self._tally = Tally(self.reader.index, self.metric.direction, retracted)
            return self._tally

    def text(self, digest: str, most: int) -> Text:
        """Return a text of the archive, its first so many bytes, or why there is none."""
        try:
            data = self.reader.object(digest)
        except Missing:
            return Text(digest, None, absent="it is not in the archive")
        except ArchiveError:
            return Text(digest, None, absent="what the archive has under its digest is damaged")
        return Text(digest, data[:most].decode("utf-8", "replace"), len(data), len(data) > most)

    def best(self) -> queries.ProgramRow | None:
        """Return the best program that stands, of the first few."""
        gone = judgements.standing(self.retractions())
        for row in queries.best(self.reader.index, self.metric.direction, 20):
            if row.first not in gone and row.evaluation not in gone:
                return row
        return None


def _combined(
    metric: Meant, known: Mapping[str, Known], names: Sequence[str]
) -> tuple[float | None, str]:
    """Return what is known of instances together, with its sources; None unless of each."""
    found = [known[name] for name in names if name in known]
    if not found or len(found) != len(names):
        return None, ""
    return metric.combine([each.value for each in found]), "; ".join(
        dict.fromkeys(each.source for each in found)
    )


def _stated(section: Any) -> Metric:
    """Return what a configuration says of scores; what it does not, neutrally."""
    said: dict[str, Any] = section if isinstance(section, dict) else {}
    best = said.get("best_known")
    number = isinstance(best, (int, float)) and not isinstance(best, bool) and abs(best) < 1e300
    return Metric(
        _words(said.get("name")) or "score",
        _words(said.get("unit")),
        "min" if said.get("direction") == "min" else "max",
        float(best) if number and best is not None else None,
    )


def _words(value: Any) -> str:
    return value[:200] if isinstance(value, str) else ""
