"""A site over two runs, asked as a browser asks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from funsearch.archive.archive import Archive
from funsearch.browser.pages.server import Site
from funsearch.browser.pages.shelf import Shelf
from tests.funsearch.archive.conftest import CONFIG
from tests.funsearch.archive.histories import history

HOST = "127.0.0.1:8765"


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Folders of two runs with all kinds of records."""
    root = tmp_path_factory.mktemp("pages")
    for name, seed in (("one", 3), ("two", 4)):
        with Archive.create(root / name, CONFIG) as archive:
            history(archive, seed=seed, programs=120)
    return [root / "one", root / "two"]


@pytest.fixture(scope="module")
def client(folders: list[Path]) -> Iterator[TestClient]:
    site = Site(Shelf(folders))
    with TestClient(
        site.application(frozenset({HOST})), f"http://{HOST}", follow_redirects=False
    ) as made:
        yield made


@pytest.fixture(scope="module")
def program(client: TestClient) -> str:
    """Id of the best program of the first run."""
    return client.get("/runs/one/index.json").json()["card"]["best"]["id"]
