"""Runs to tell facts of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from funsearch.archive.archive import Archive
from funsearch.browser.facts.attached import Attached
from tests.funsearch.archive.conftest import CONFIG, Make
from tests.funsearch.archive.histories import history


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run with all kinds of records."""
    path = tmp_path_factory.mktemp("facts") / "a-run"
    with Archive.create(path, CONFIG) as archive:
        history(archive, seed=3, programs=120)
    return path


@pytest.fixture
def attached(folder: Path) -> Iterator[Attached]:
    run = Attached.open(folder)
    run.tally.follow()
    yield run
    run.close()


@pytest.fixture
def make() -> Make:
    return Make()
