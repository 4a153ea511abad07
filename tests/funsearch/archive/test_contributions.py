"""What each sampler and model brought, against the plain reading of the log."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from funsearch.archive.archive import Archive
from funsearch.archive.judgements import retractions, standing
from funsearch.archive.log import LogReader
from funsearch.archive.queries import contributions as module
from funsearch.archive.queries.contributions import Contribution, contributions
from funsearch.archive.queries.model import Direction
from funsearch.archive.reader import Reader
from funsearch.archive.records import EvaluationRecord, GenerationRecord
from tests.funsearch.archive.conftest import CONFIG, PACKAGES, Make, digest
from tests.funsearch.archive.histories import history

MODELS: list[dict[str, Any]] = [
    {"sampler": "syntax"},
    {"sampler": "hosted", "model": "m1", "served": "m1-2026", "cost": "0.002"},
    {"sampler": "hosted", "model": "m1", "served": "m1", "cost": "0.0000125"},
    {"sampler": "hosted", "model": "m1"},
    {"sampler": "own", "model": "m2", "served": "m2", "cost": "0.25"},
    {"sampler": "own", "model": "m1", "served": "m1"},
]


def searched(folder: Path, seed: int, samples: int = 150) -> None:
    """Write a run of several models, some of whose samples have no verdict; some is retracted."""
    make, draws = Make(), random.Random(seed)
    with Archive.create(folder, CONFIG) as archive:
        archive.append(make.run(), [PACKAGES])
        start = make.start(archive, 0).number
        numbers = [start, archive.append(make.evaluation(start, 0, 3.0)).number]
        known, scores = [0], {0: 3.0}
        for draw in range(1, samples):
            how = draws.choice(MODELS) | {"seconds": draws.random()}
            if how.get("model") and draws.random() < 0.7:
                how |= {"prompt_tokens": draws.randrange(99)}
                how |= {"completion_tokens": draws.choice([None, 7])}
            if draws.random() < 0.1:
                text = make.source(f"none {draw}")
                sample = make.generation(draw, [0], draw, program=None, rejected="no code", **how)
                sample = replace(sample, reply=digest(text))
                number = archive.append(sample, [text]).number
                verdict = EvaluationRecord(number, None, "rejected", make.conditions, digest(text))
                numbers += [number, archive.append(verdict).number]
                continue
            name = draws.choice(known) if draws.random() < 0.3 else draw
            shown = draws.choices(sorted(scores), k=draws.choice([1, 2]))
            sample = make.generation(name, shown, draw, **how)
            number = archive.append(sample, [make.source(name)]).number
            numbers.append(number)
            if draws.random() < 0.1:
                continue
            verdict = make.evaluation(
                number, name, None, status=draws.choice(["crashed", "timeout"])
            )
            if name in known and draws.random() < 0.5:
                verdict = make.evaluation(number, name, None, status="rejected", tier="")
            elif name in scores:
                verdict = make.evaluation(number, name, scores[name], flags=("reused",), tier="")
            elif name not in known and draws.random() < 0.7:
                scores[name] = float(draws.randrange(1 + draw))
                verdict = make.evaluation(number, name, scores[name])
            numbers.append(archive.append(verdict).number)
            known.append(name)
        archive.flush()
        for target in draws.sample(numbers, 12):
            entry = digest(LogReader(folder).entry(target))
            archive.append(make.retraction(target, entry=entry))


def slowly(
    reader: Reader, direction: Direction, undone: Collection[int]
) -> dict[tuple[str, str, str], Any]:
    """Return the same from the records alone."""
    sign = 1 if direction == "max" else -1
    generations: dict[int, GenerationRecord] = {}
    first: dict[str, int] = {}
    score: dict[str, float] = {}
    best: float | None = None
    found: dict[tuple[str, str, str], Any] = defaultdict(lambda: defaultdict(Decimal))
    failures: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for number, record in reader.records():
        if isinstance(record, GenerationRecord):
            generations[number] = record
            if record.program is not None:
                first.setdefault(record.program, number)
        of = record if isinstance(record, GenerationRecord) else None
        if isinstance(record, EvaluationRecord):
            of = generations[record.generation]
        if of is None:
            continue
        key = (of.sampler, of.model, "" if of.served == of.model else of.served)
        row = found[key] if of.draw is not None else defaultdict[str, Decimal](Decimal)
        if isinstance(record, GenerationRecord):
            row["samples"] += 1
            row["waiting"] += 1
            row["seconds"] += Decimal(record.seconds)
            row["cost"] += Decimal(record.cost or 0)
            row["priced"] += bool(record.cost)
            row["unpriced"] += bool(record.model) and not record.cost
            told = [record.prompt_tokens, record.completion_tokens]
            row["counted"] += told != [None, None]
            row["uncounted"] += bool(record.model) and told == [None, None]
            row["tokens"] += sum(tokens or 0 for tokens in told)
        elif isinstance(record, EvaluationRecord):
            row["waiting"] -= 1
            shown = [sign * score[parent] for parent in of.parents if parent in score]
            new = record.score is not None and record.program not in score
            if record.program is not None and record.score is not None:
                score.setdefault(record.program, record.score)
            if record.generation in undone or number in undone:
                row["retracted"] += 1
                continue
            again = of.program is not None and first[of.program] != record.generation
            row["duplicates"] += again
            row["ok"] += record.status == "ok"
            if record.status != "ok" and not again and of.draw is not None:
                failures[key][record.status] += 1
            if new and record.score is not None:
                row["better"] += not again and all(sign * record.score > each for each in shown)
                if best is None or sign * record.score > sign * best:
                    best = record.score
                    row["best"] += 1
    for key, row in found.items():
        row["failures"] = failures[key]
    return found


@pytest.mark.parametrize("direction", ["max", "min"])
@pytest.mark.parametrize("seed", range(4))
def test_sums_are_those_of_the_records(tmp_path: Path, seed: int, direction: Direction) -> None:
    searched(tmp_path / "run", seed)
    with Reader(tmp_path / "run") as reader:
        undone = standing(retractions(reader))
        assert len(undone) > 5
        rows, more = contributions(reader.index, direction, undone)
        expected = slowly(reader, direction, undone)
    assert not more
    assert len(rows) == len(expected) == 5
    assert [row.samples for row in rows] == sorted((row.samples for row in rows), reverse=True)
    assert sum(row.best for row in rows) > 0
    for row in rows:
        of = expected[row.sampler, row.model, row.served]
        for name in ("samples", "ok", "duplicates", "waiting", "retracted", "better", "best"):
            assert getattr(row, name) == of[name], name
        assert row.failures == of["failures"]
        assert row.seconds == pytest.approx(float(of["seconds"]))
        assert (row.uncounted, row.unpriced) == (of["uncounted"], of["unpriced"])
        assert row.tokens == (of["tokens"] if of["counted"] else None)
        assert row.cost == (pytest.approx(float(of["cost"])) if of["priced"] else None)


def test_a_history_of_one_sampler_adds_up(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "run", CONFIG) as archive:
        history(archive, seed=1)
    with Reader(tmp_path / "run") as reader:
        (row,), more = contributions(reader.index, "max")
        expected = slowly(reader, "max", ())["syntax", "", ""]
    assert not more
    assert (row.samples, row.ok, row.best) == tuple(expected[n] for n in ("samples", "ok", "best"))
    assert (row.model, row.tokens, row.cost, row.unpriced) == ("", None, 0.25, 0)


def test_what_is_not_known_stays_unknown() -> None:
    assert Contribution("a", "m", "", cost=None, unpriced=3, best=2).cost_per_best is None
    assert Contribution("a", "m", "", cost=6.0, unpriced=1, best=2).cost_per_best is None
    assert Contribution("a", "m", "", cost=6.0, best=0).cost_per_best is None
    assert Contribution("a", "m", "", cost=6.0, best=2).cost_per_best == 3.0
    assert Contribution("a", "m", "", cost=0.0, best=2).cost_per_best == 0.0


def test_only_those_with_the_most_samples_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Make()
    with Archive.create(tmp_path / "run", CONFIG) as archive:
        archive.append(make.run(), [PACKAGES])
        make.start(archive, 0)
        for draw in range(module.MOST_CONTRIBUTORS + 5):
            record = make.generation(1, [0], 1 + draw, model="m", served=f"s{draw:04}")
            archive.append(record, [make.source(1)])
        archive.append(make.generation(1, [0], 9999, model="m", served="s1003"), [make.source(1)])
    with Reader(tmp_path / "run") as reader:
        rows, more = contributions(reader.index, "max")
    assert more
    assert len(rows) == module.MOST_CONTRIBUTORS
    assert (rows[0].served, rows[0].samples) == ("s1003", 2)
    assert sum(row.samples for row in rows) == module.MOST_CONTRIBUTORS + 1
