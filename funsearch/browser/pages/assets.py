"""Styles and scripts, under addresses that hold their digest, so that they may be kept for ever."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from funsearch.archive.errors import Missing
from funsearch.browser import pictures
from funsearch.browser.pages.answers import answer

_FOLDER = Path(__file__).with_name("static")
_FILES = {
    "style.css": _FOLDER / "style.css",
    "pictures.css": Path(pictures.__file__).with_name("pictures.css"),
    "site.js": _FOLDER / "site.js",
    "live.js": _FOLDER / "live.js",
    "htmx.min.js": _FOLDER / "htmx.min.js",
    "icon.svg": _FOLDER / "icon.svg",
}
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOR_EVER = "private, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """A file, its media type, and itself by gzip."""

    content: bytes
    kind: str
    packed: bytes
    digest: str


@cache
def asset(name: str) -> Asset:
    """Return a file by its name.

    Raises:
        Missing: there is none of that name.
    """
    if name not in _FILES:
        raise Missing("there is no such file here")
    path = _FILES[name]
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:16]
    kind = f"{_KINDS[path.suffix]}; charset=utf-8"
    return Asset(content, kind, gzip.compress(content, 9, mtime=0), digest)


def address(name: str) -> str:
    """Return the path of a file, which changes when the file does."""
    return f"/static/{asset(name).digest}/{name}"


async def serve(request: Request) -> Response:
    """Answer with a file; one that is asked for by another digest is not kept."""
    found = asset(request.path_params["name"])
    keep = _FOR_EVER if request.path_params["digest"] == found.digest else "no-store"
    return answer(request, found.content, found.kind, keep=keep, packed=found.packed)
