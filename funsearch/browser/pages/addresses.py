"""Addresses of pages: permanent, by name and digest, with what is asked of a table in the query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, cast, get_args
from urllib.parse import quote, urlencode

from funsearch.archive.errors import ArchiveError
from funsearch.browser.facts.model import Question, Sort

_LARGEST = 2**62


def home() -> str:
    """Return the path of the page of all runs."""
    return "/"


def run(name: str) -> str:
    """Return the path of a run."""
    return f"/runs/{_part(name)}/"


def programs(name: str, question: Question | None = None, **changes: Any) -> str:
    """Return the path of the table of programs, with a question and what is different in it."""
    default = Question()
    asked = {field.name: getattr(question or default, field.name) for field in fields(Question)}
    asked.update(changes)
    said = {key: value for key, value in asked.items() if value != getattr(default, key)}
    return f"{run(name)}programs" + (f"?{_query(said)}" if said else "")


def program(name: str, program_id: str) -> str:
    """Return the path of a program."""
    return f"{run(name)}programs/{_part(program_id)}"


def lineage(name: str, program_id: str, before: int | None = None) -> str:
    """Return the path of a lineage, or of the part of it before a record."""
    path = f"{run(name)}lineage/{_part(program_id)}"
    return path if before is None else f"{path}?before={before}"


def compare(name: str, a: str, b: str) -> str:
    """Return the path of two programs side by side."""
    return f"{run(name)}compare?{_query({'a': a, 'b': b})}"


def compare_runs(a: str, b: str) -> str:
    """Return the path of two runs side by side."""
    return f"/compare?{_query({'a': a, 'b': b})}"


def problem(name: str) -> str:
    """Return the path of a run's problem."""
    return f"{run(name)}problem"


def events(name: str) -> str:
    """Return the path of a run's events."""
    return f"{run(name)}events"


def content(name: str, digest: str) -> str:
    """Return the path of an object to download."""
    return f"{run(name)}objects/{_part(digest)}"


def proof(name: str, program_id: str) -> str:
    """Return the path of the proof of a program."""
    return f"{run(name)}proof/{_part(program_id)}"


def twin(page: str, ending: str) -> str:
    """Return the path of a page as data: `json`, or `csv` for a table."""
    path, mark, query = page.partition("?")
    path = f"{path}index" if path.endswith("/") else path
    return f"{path}.{ending}{mark}{query}"


def question(query: Mapping[str, str]) -> Question:
    """Return what an address asks of the table; an empty value asks nothing.

    Raises:
        ArchiveError: a value is none of those that there are.
    """
    said = {key: value for key, value in query.items() if value != ""}
    sort = said.get("sort", "newest")
    if sort not in get_args(Sort):
        raise ArchiveError(f"sort is one of {', '.join(get_args(Sort))}")
    return Question(
        text=said.get("text", ""),
        island=whole(said, "island", least=-1),
        sampler=said.get("sampler"),
        model=said.get("model"),
        status=said.get("status"),
        tier=said.get("tier"),
        review=said.get("review"),
        sort=cast("Sort", sort),
        after=said.get("after"),
        before=said.get("before"),
        limit=min(200, whole(said, "limit", least=1) or Question().limit),
    )


def whole(query: Mapping[str, str], name: str, least: int = 0) -> int | None:
    """Return a whole number of a query, or None if it has none of that name.

    Raises:
        ArchiveError: it is not such a number.
    """
    text = query.get(name, "")
    if not text:
        return None
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise ArchiveError(f"{name} is a whole number")
    value = int(text)
    if not least <= value <= _LARGEST:
        raise ArchiveError(f"{name} is at least {least}")
    return value


def _part(name: str) -> str:
    return quote(name, safe="", errors="replace")


def _query(said: Mapping[str, object]) -> str:
    return urlencode(said, errors="replace")
