"""Answers of the server: text in the fewest bytes, which a browser that has them need not load."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

_SMALLEST = 500
"""Bytes of a text that is worth packing."""
HTML = "text/html; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"
FRESH = "private, no-cache"
"""Keep it, and ask each time whether it is still so."""


def answer(
    request: Request,
    content: bytes,
    kind: str,
    *,
    status: int = 200,
    keep: str = FRESH,
    packed: bytes | None = None,
    attachment: str | None = None,
) -> Response:
    """Return an answer.

    Args:
        request: to which.
        content: all of it.
        kind: media type.
        status: of HTTP.
        keep: value of `Cache-Control`.
        packed: the content by gzip, if that is at hand.
        attachment: name under which it is saved, of plain characters; None to show it.
    """
    tag = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"Cache-Control": keep, "ETag": tag, "Vary": "Accept-Encoding"}
    if status == 200 and tag in _split(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    if attachment is not None:
        headers["Content-Disposition"] = f'attachment; filename="{attachment}"'
    wanted = [part.split(";")[0] for part in _split(request.headers.get("accept-encoding", ""))]
    if "gzip" in wanted and len(content) >= _SMALLEST:
        content = packed or gzip.compress(content, 5, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(content, status, headers, kind)


def json_text(value: Any) -> bytes:
    """Return JSON for programs and people."""
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"


def csv_text(rows: Sequence[Sequence[str]]) -> bytes:
    """Return rows as RFC 4180 has them."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue().encode("utf-8", "replace")


def _split(header: str) -> list[str]:
    return [part.strip() for part in header.split(",")]
