"""A sound run, and copies of it to do harm to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from funsearch.archive import sealed
from funsearch.archive.archive import Archive
from tests.funsearch.archive.examination.support import (
    CONFIG,
    Maker,
    write,
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of two full bundles and a part of a third, of three checkpoints and more."""
    folder = tmp_path_factory.mktemp("examined") / "run"
    with Archive.create(folder, CONFIG) as archive:
        write(folder, archive, Maker(archive))
    with Archive.open(folder) as archive:
        sealed.write(archive, archive.size, b"a state")
    return folder


@pytest.fixture
def run(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "run"))
