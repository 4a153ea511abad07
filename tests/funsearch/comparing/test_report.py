"""What a comparison says of made-up runs: both directions, unequal lengths, and no matplotlib."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest

from funsearch.archive.queries import Course, Improvement
from funsearch.comparing import picture, report
from funsearch.comparing.results import Meaning, Result, at_equal_samples
from funsearch.config import ConfigError

Direction = Literal["max", "min"]


def run(
    setting: str,
    seed: int,
    points: Sequence[tuple[int, float]],
    direction: Direction = "max",
    problem: str = "made_up",
) -> Result:
    meaning = Meaning(problem, "digest", ("one",), "value", "$ units", direction, 12.0)
    improvements = tuple(Improvement(at, at / 10, score, 7, False) for at, score in points)
    length = 100 + seed
    course = Course(improvements, length, 10.0, 0.0, 0, 0)
    return Result(setting, seed, Path(f"{setting}-{seed}"), "samples", meaning, course)


def runs(setting: str, scores: Sequence[float], direction: Direction = "max") -> list[Result]:
    return [
        run(setting, seed, [(0, 5.0), (40, score)], direction) for seed, score in enumerate(scores)
    ]


LOW, HIGH = [6.0, 7.0, 8.0, 7.5, 6.5], [9.0, 10.0, 9.5, 11.0, 10.5]


@pytest.mark.parametrize(("direction", "better"), [("max", "high"), ("min", "low")])
def test_better_is_what_the_metric_says(direction: Direction, better: str) -> None:
    for first, second in (("low", "high"), ("high", "low")):
        scores = {"low": LOW, "high": HIGH}
        both = [*runs(first, scores[first], direction), *runs(second, scores[second], direction)]
        found = report.compare(both)
        assert found.verdict(1) == f"{better} is better"
        assert found.against_first[0].chance == (second == better)


def test_equal_settings_are_within_noise_and_few_seeds_cannot_tell() -> None:
    assert report.compare([*runs("a", LOW), *runs("b", LOW)]).verdict(1) == "within noise"
    few = report.compare([*runs("a", LOW[:3]), *runs("b", HIGH[:3])])
    assert few.verdict(1) == "too few seeds to tell"
    assert any("make more runs" in note for note in few.notes)


def test_runs_of_unequal_length_are_looked_at_where_all_still_run() -> None:
    long = [run("a", 0, [(0, 1.0), (90, 2.0)]), run("b", 50, [(0, 1.0), (90, 3.0), (140, 9.0)])]
    cut, most = at_equal_samples(long, None)
    assert most == 100
    assert [each.best.score for each in cut] == [2.0, 3.0]
    cut, _ = at_equal_samples(long, 120)
    assert [each.setting for each in cut] == ["b"]


def test_runs_of_other_problems_are_refused() -> None:
    with pytest.raises(ConfigError, match="the problem differs"):
        report.compare([run("a", 0, [(0, 1.0)]), run("b", 0, [(0, 1.0)], problem="other")])


def test_picture_is_drawn_and_its_absence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = report.compare([*runs("a", LOW), *runs("b", HIGH)])
    picture.draw(found, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(picture.NoPlots, match="pip install"):
        picture.draw(found, tmp_path / "other.png")
