"""The folder `best/` of a run: certificates of its best program, ready for the checker."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

FOLDER = "best"


def certificate_path(run: Path, instance: str) -> Path:
    """Return where the certificate of an instance lies; any name makes one plain file name."""
    return run / FOLDER / f"{quote(instance, safe='=,+ ')}.json"


def write_best(run: Path, texts: Mapping[str, str]) -> None:
    """Replace the certificates by those of a new best program, each at once or not at all.

    Args:
        run: folder of the run.
        texts: instance → certificate file.
    """
    for instance, text in texts.items():
        path = certificate_path(run, instance)
        path.parent.mkdir(exist_ok=True)
        half = path.with_suffix(".tmp")
        half.write_text(text, encoding="utf-8")
        half.replace(path)
