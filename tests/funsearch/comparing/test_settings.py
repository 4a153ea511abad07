"""What a command line compares, and what it may not mix up."""

from __future__ import annotations

from pathlib import Path

import pytest

from funsearch.comparing.settings import Budget, read, tasks
from funsearch.config import ConfigError

BUDGET = Budget(samples=9)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a=search=iid"], "nothing to compare"),
        (["a=", "a=search=iid"], "two settings are called a"),
        (["a=", "b=run.samples=7"], "b: run.samples is the same for all"),
        (["a=", "b=problem.n=7"], "b: all settings solve one problem"),
        (["a=", "b=", "run.max_cost=5"], "by the option --max-cost"),
        (["a=", "b=", "run.dir=x"], "by the option --out"),
        (["a=", "b='"], "no closing quotation"),
        (["a=", "../b="], "nor the name of a setting"),
        (["a=", "rum.seed=3"], "nor the name of a setting"),
    ],
)
def test_mistake_is_named(arguments: list[str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read(arguments, BUDGET)


def test_runs_take_turns_and_differ_in_their_setting_and_seed_only(tmp_path: Path) -> None:
    settings = read(["a=", "b=search=iid", "problem.n=3", "run.seed=7"], BUDGET)
    made = tasks(settings, 3, tmp_path)
    assert [(task.setting, task.seed) for task in made] == [
        ("a", 7), ("b", 7), ("b", 8), ("a", 8), ("a", 9), ("b", 9),
    ]  # fmt: skip
    assert {task.config.run.samples for task in made} == {9}
    assert {task.config.run.seconds for task in made} == {None}
    assert made[1].folder == tmp_path / "runs" / "b-7"
    one, other = made[0].config.tree, made[1].config.tree
    assert one["search"] != other["search"]
    assert {key: one[key] for key in ("problem", "sampler", "prompt", "cluster")} == {
        key: other[key] for key in ("problem", "sampler", "prompt", "cluster")
    }


def test_own_override_of_a_setting_goes_before_that_for_all(tmp_path: Path) -> None:
    first, second = read(["a=", "b=search=iid", "search=greedy", "problem.n=3"], BUDGET)
    assert first.config.tree["search"]["_target_"].endswith("make_greedy")
    assert second.config.tree["search"]["_target_"].endswith("make_iid")
