"""What each address answers: its facts, as a page or as their twin in JSON or CSV."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from funsearch.archive.errors import ArchiveError, Missing
from funsearch.browser.facts import compare, lineage, problem, program, programs, runs
from funsearch.browser.facts.attached import Attached
from funsearch.browser.facts.model import Program, Programs, Refused, Runs
from funsearch.browser.facts.plain import csv_rows, plain
from funsearch.browser.pages import addresses, answers, drawings, render
from funsearch.browser.pages.shelf import Shelf, TooLong
from funsearch.browser.pictures import code, diff
from funsearch.text import one_line

Form = Literal["html", "json", "csv"]
NODES = 120
"""Of a lineage at a time."""
MOST_CARDS = 100
"""Runs on the first page."""
_is_id = re.compile(r"[0-9a-f]{64}").fullmatch


@dataclass(frozen=True)
class Asked:
    """What a view is given.

    Attributes:
        shelf: of runs.
        path: parts of the path by name.
        query: of the address, the last value of each name.
        form: of the answer.
    """

    shelf: Shelf
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Form = "html"

    @property
    def run(self) -> str:
        """Name of the run in the path."""
        return self.path["run"]

    def id(self, name: str = "id") -> str:
        """Return an id from the path or the query.

        Raises:
            Missing: it is none.
        """
        value = self.path.get(name) or self.query.get(name, "")
        if _is_id(value) is None:
            raise Missing(f"{name} is the id of a program: 64 hex digits")
        return value


View = Callable[[Asked], bytes]


def all_runs(asked: Asked) -> bytes:
    """Answer with the page of all runs."""
    cards: list[runs.RunCard] = []
    refused: list[Refused] = []
    names = list(asked.shelf.folders())
    for name in names[:MOST_CARDS]:
        try:
            with asked.shelf.ask(name) as attached:
                _count(asked.shelf, attached)
                cards.append(runs.card(attached))
        except TooLong:
            refused.append(Refused(name, "it takes too long to look at; open it by itself"))
        except ArchiveError as error:
            refused.append(Refused(name, one_line(str(error), 400)))
    facts = Runs(tuple(cards), tuple(refused))
    more = names[MOST_CARDS:]
    return _twin(facts, asked.form) or render.page("runs.html", facts=facts, more=more)


def one_run(asked: Asked) -> bytes:
    """Answer with the page of a run."""
    with asked.shelf.ask(asked.run) as attached:
        _count(asked.shelf, attached)
        facts = runs.run(attached)
    return _twin(facts, asked.form) or render.page(
        "run.html",
        facts=facts,
        by_samples=drawings.courses([facts], seconds=False),
        by_seconds=drawings.courses([facts], seconds=True),
        islands=drawings.island_rows(facts) if facts.islands else None,
    )


def table(asked: Asked) -> bytes:
    """Answer with a page of the table of programs."""
    question = addresses.question(asked.query)
    with asked.shelf.ask(asked.run) as attached:
        _count(asked.shelf, attached)
        facts = programs.page(attached, question)
    here = addresses.programs(asked.run, question)
    return _twin(facts, asked.form) or render.page("programs.html", facts=facts, here=here)


def one_program(asked: Asked) -> bytes:
    """Answer with the page of a program."""
    with asked.shelf.ask(asked.run) as attached:
        facts = program.page(attached, asked.id())
        if (data := _twin(facts, asked.form)) is not None:
            return data
        pictures = drawings.certificate_pictures(attached, facts)
        parents = _parents(attached, facts)
    return render.page(
        "program.html",
        facts=facts,
        lines=code.lines(facts.source.text or ""),
        pictures=pictures,
        parents=parents,
    )


def _parents(attached: Attached, facts: Program) -> list[Any]:
    """Return the rows of the parents, for their scores."""
    from funsearch.archive.queries.programs import first_of, rows_of

    index = attached.reader.index
    return list(rows_of(index, [first_of(index, parent) for parent in facts.parents]))


def one_lineage(asked: Asked) -> bytes:
    """Answer with the page of a lineage."""
    before = addresses.whole(asked.query, "before")
    with asked.shelf.ask(asked.run) as attached:
        facts = lineage.page(attached, asked.id(), NODES, before)
        seed = problem.page(attached).seed_program
    return _twin(facts, asked.form) or render.page(
        "lineage.html", facts=facts, picture=drawings.lineage(facts), before=before, seed=seed
    )


def two_programs(asked: Asked) -> bytes:
    """Answer with two programs side by side."""
    a, b = asked.id("a"), asked.id("b")
    with asked.shelf.ask(asked.run) as attached:
        facts = compare.programs(attached, a, b)
        if (data := _twin(facts, asked.form)) is not None:
            return data
        old, new = (attached.text(each, program.MOST_SOURCE).text for each in (a, b))
        seed = problem.page(attached).seed_program
    context = None if asked.query.get("all") else 3
    rows = None if old is None or new is None else diff.rows(old, new, context)
    return render.page("compare.html", facts=facts, rows=rows, seed=seed, shows_all=context is None)


def two_runs(asked: Asked) -> bytes:
    """Answer with two runs side by side."""
    names = [asked.query.get(key, "") for key in ("a", "b")]
    if not all(names):
        raise ArchiveError("name two runs to compare: /compare?a=RUN&b=RUN")
    with contextlib.ExitStack() as stack:
        # In one order, so that two who ask for the same runs never wait for each other.
        lent = {name: stack.enter_context(asked.shelf.ask(name)) for name in sorted({*names})}
        for attached in lent.values():
            _count(asked.shelf, attached)
        facts = compare.runs(lent[names[0]], lent[names[1]])
    both = [facts.a, facts.b]
    return _twin(facts, asked.form) or render.page(
        "compare_runs.html",
        facts=facts,
        by_samples=drawings.courses(both, seconds=False) if facts.comparable else None,
        by_seconds=drawings.courses(both, seconds=True) if facts.comparable else None,
    )


def one_problem(asked: Asked) -> bytes:
    """Answer with the page of a run's problem."""
    with asked.shelf.ask(asked.run) as attached:
        facts = problem.page(attached)
    source = "" if facts.seed is None or facts.seed.text is None else facts.seed.text
    return _twin(facts, asked.form) or render.page(
        "problem.html", facts=facts, lines=code.lines(source)
    )


def failure(message: str, form: Form, status: int) -> bytes:
    """Return what is said instead of a page."""
    if form == "json":
        return answers.json_text({"error": message})
    if form == "csv":
        return f"{message}\n".encode("utf-8", "replace")
    return render.page("failure.html", message=message, status=status)


def _count(shelf: Shelf, attached: Attached) -> None:
    """Count what is new in a run; if that is much, it goes on beside."""
    if not attached.tally.follow(0.1):
        shelf.hasten(attached.name)


def _twin(facts: Any, form: Form) -> bytes | None:
    if form == "json":
        return answers.json_text(plain(facts))
    if form == "csv" and isinstance(facts, (Programs, Runs)):
        return answers.csv_text(csv_rows(facts))
    return None
