"""A recorded search that has everything in it, made once."""

from pathlib import Path

import pytest

from tests.funsearch.replaying.recorded import record


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a search with every kind of record, verdicts out of order and resets."""
    folder = tmp_path_factory.mktemp("replay") / "run"
    record(folder, "search.reset_registrations=6", "search.islands=4")
    return folder
