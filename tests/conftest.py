"""What tests share: the folder of published data."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def published_data() -> Path:
    """Folder of data that others published; its README names the sources."""
    folder = os.environ.get("FUNSEARCH_TEST_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip(
            "FUNSEARCH_TEST_DATA names no folder: the data sets are those of OR-Library "
            "(Beasley 1990) and those published with Romera-Paredes et al., Nature 625 (2024)"
        )
    return Path(folder)
