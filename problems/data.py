"""Published data sets that are not ours to ship: read from a folder of the user's."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "FUNSEARCH_DATA"
"""Environment variable that names the folder, which has one sub-folder for each collection."""


def file(collection: str, name: str) -> Path | None:
    """Return the path of a file of a collection, or None if the user has none."""
    root = os.environ.get(VARIABLE)
    if not root:
        return None
    path = Path(root).expanduser() / collection / name
    return path if path.is_file() else None
