"""Where runs are: the folder of all runs, and the names of those in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from funsearch.archive import files
from funsearch.archive.errors import ArchiveError, Missing

VARIABLE = "FUNSEARCH_RUNS"
_MOST_RUNS = 10_000
_MOST_NAMED = 10


def runs_root(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of all runs: the variable FUNSEARCH_RUNS, else `runs` where we are."""
    return Path(environment.get(VARIABLE) or "runs")


def find_runs(root: Path, limit: int = _MOST_RUNS) -> list[Path]:
    """Return the folders of runs right under a folder, by name; none if there is no such folder.

    Runs of other versions are among them: they are refused when they are opened, and not hidden.
    """
    try:
        folders = sorted(path for path in root.iterdir() if _is_run(path))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ArchiveError(f"{root} cannot be read: {error.strerror}") from None
    return list(islice(folders, limit))


def _is_run(folder: Path) -> bool:
    try:
        return (folder / files.MARKER).is_file()
    except OSError:
        return False  # a name that cannot be one, or a folder that is closed to us


def resolve_run(name: str, root: Path) -> Path:
    """Return the folder of the run that a person means: its path, its name, or how that begins.

    Raises:
        Missing: there is none.
        ArchiveError: several names begin so.
    """
    if _is_run(Path(name)):
        return Path(name)
    runs = find_runs(root)
    matches = [run for run in runs if run.name == name]
    matches = matches or [run for run in runs if name and run.name.startswith(name)]
    if not matches:
        raise Missing(f"there is no run {name[:200]!a}, neither as a folder nor under {root}")
    if len(matches) > 1:
        names = ", ".join(f"{run.name!a}" for run in matches[:_MOST_NAMED])
        raise ArchiveError(f"{name[:200]!a} may be any of {len(matches)} runs: {names}")
    return matches[0]
