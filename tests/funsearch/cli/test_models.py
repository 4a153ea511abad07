"""`funsearch models`, as a user meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from funsearch.archive.archive import Archive
from funsearch.archive.log import LogReader
from tests.funsearch.archive.conftest import CONFIG, PACKAGES, Make, digest
from tests.funsearch.cli.shell import Shell


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Return a shell in a folder with a run of two models, and one that has just begun."""
    shell, make = Shell(tmp_path_factory.mktemp("shell")), Make()
    with Archive.create(shell.folder / "runs" / "empty", CONFIG) as archive:
        archive.append(make.run(), [PACKAGES])
        make.start(archive, 0)
    folder = shell.folder / "runs" / "first"
    hosted = {"sampler": "hosted", "model": "m\x1b[31m", "prompt_tokens": 100, "seconds": 2.0}
    with Archive.create(folder, CONFIG) as archive:
        archive.append(make.run(), [PACKAGES])
        start = make.start(archive, 0).number
        archive.append(make.evaluation(start, 0, 1.0))
        scores = {1: 2.0, 2: None, 3: 5.0, 4: 4.0, 5: 9.0}
        how = {1: hosted, 3: hosted | {"cost": "0.5"}, 5: hosted | {"cost": "0.5"}}
        for name, score in scores.items():
            sample = make.generation(name, [0], name, **how.get(name, {}))
            number = archive.append(sample, [make.source(name)]).number
            archive.append(make.evaluation(number, name, score))
        last = archive.append(make.generation(1, [0], 6), [make.source(1)]).number
        archive.flush()
        entry = digest(LogReader(folder).entry(last - 1))
        archive.append(make.retraction(last - 1, entry=entry))
    return shell


def test_each_model_is_told_with_what_it_brought(shell: Shell) -> None:
    hosted, syntax = shell.json("models", "first")
    assert hosted == {
        "sampler": "hosted",
        "model": "m\x1b[31m",
        "served": None,
        "samples": 3,
        "valid": 2,
        "duplicates": 0,
        "failures": {},
        "waiting": 0,
        "retracted": 1,
        "better": 2,
        "best": 2,
        "tokens": 300,
        "tokens_unknown": 0,
        "cost": 1.0,
        "cost_unknown": 1,
        "cost_per_best": None,
        "seconds_per_sample": 2.0,
    }
    assert (syntax["samples"], syntax["waiting"], syntax["failures"]) == (3, 1, {"crashed": 1})
    assert (syntax["cost"], syntax["cost_unknown"], syntax["tokens"]) == (None, 0, None)
    assert (syntax["better"], syntax["best"]) == (1, 0)


def test_the_table_escapes_names_and_says_what_is_unknown(shell: Shell) -> None:
    table = shell("models", "first")
    assert "\x1b" not in table
    parts = table.split("\n\n")
    brought, cost = ([" ".join(line.split()) for line in part.splitlines()] for part in parts)
    assert brought == [
        "sampler model samples valid duplicates better best others",
        r"hosted m\x1b[31m 3 66.7% 0 2 2 retracted 1",
        "syntax 3 33.3% 0 1 0 crashed 1, waiting 1",
    ]
    assert cost == [
        "sampler model tokens cost $ s/sample",
        r"hosted m\x1b[31m 300 ≥ 1 2",
        "syntax 0.25",
    ]


def test_a_run_without_samples_is_no_error(shell: Shell) -> None:
    assert shell("models", "empty") == "no samples yet\n"
    assert shell.json("models", "empty") == []


def test_a_run_that_is_not_there_is_one_clear_line(shell: Shell, tmp_path: Path) -> None:
    shell("models", str(tmp_path), status=1)
    assert len(shell.errors.strip().splitlines()) == 1
