"""The page of all runs, and that of one."""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from funsearch.archive.errors import ArchiveError
from funsearch.archive.queries.programs import rows_of
from funsearch.archive.sqlite import select_in
from funsearch.browser.facts.attached import Attached
from funsearch.browser.facts.model import (
    Best,
    Contribution,
    Island,
    Refused,
    Run,
    RunCard,
    Runs,
    Said,
)
from funsearch.browser.facts.tally import Counts, Held, names

MOST_STEPS = 1000
"""Of the best score: the last ones."""
MOST_ISLANDS = 1000
MOST_CONTRIBUTORS = 100
MOST_VERIFICATIONS = 50
_MOST_SESSIONS = 1000
_RECENT = 1000

_LAST_TIME = "SELECT time FROM {} WHERE number < ? ORDER BY number DESC LIMIT 1"
_WRITTEN = ("generations", "evaluations", "resets", "runs")


def page(attached: Iterable[Attached], refused: Iterable[tuple[str, str]] = ()) -> Runs:
    """Return all runs: those that are attached, and those that cannot be shown, with reasons."""
    cards: list[RunCard] = []
    without = [Refused(run, reason) for run, reason in refused]
    for run in attached:
        try:
            cards.append(card(run))
        except ArchiveError as error:
            without.append(Refused(run.name, str(error)))
    return Runs(tuple(cards), tuple(without))


def card(attached: Attached) -> RunCard:
    """Return a run at a glance."""
    index, tally = attached.reader.index, attached.tally
    counts, words, size = tally.counts, names(index), tally.size()
    last = index.execute(
        "SELECT problem, event, reason FROM runs ORDER BY number DESC LIMIT 1"
    ).fetchone()
    first = index.execute("SELECT time FROM runs ORDER BY number LIMIT 1").fetchone()
    problem, event, reason = last or ("", "", "")
    if attached.reader.is_written:
        state = "running"
    elif event == "finished":
        state = reason or event
    else:
        state = "interrupted" if last else "empty"
    samplers: dict[str, int] = {}
    for (sampler, _, _), spent in list(counts.spent.items()):
        name = words.get(sampler, "")
        samplers[name] = samplers.get(name, 0) + spent.samples
    sessions = _sessions(attached)
    return RunCard(
        run=attached.name,
        folder=str(attached.reader.folder),
        problem=problem,
        samplers=tuple(sorted(samplers, key=lambda name: (-samplers[name], name))[:10]),
        metric=attached.metric,
        best=attached.best(),
        samples=counts.samples,
        programs=counts.programs,
        records=size,
        seconds=sum(end - begin for _, begin, end, _ in sessions),
        started=first[0] if first else None,
        state=state,
        counted=counts.upto >= size,
    )


def run(attached: Attached) -> Run:
    """Return the page of a run."""
    index, counts = attached.reader.index, attached.tally.counts
    seed = index.execute("SELECT seed FROM runs ORDER BY number LIMIT 1").fetchone()
    outage = index.execute("SELECT reason FROM outages ORDER BY number DESC LIMIT 1").fetchone()
    resets, outages = (
        index.execute(f"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT 1000000)").fetchone()[0]  # noqa: S608
        for table in ("resets", "outages")
    )
    return Run(
        card=card(attached),
        seed=str(seed[0]) if seed else "",
        course=_course(attached, counts),
        islands=_islands(attached, counts),
        statuses=dict(sorted(counts.statuses.copy().items())),
        samples_per_second=_rate(attached),
        contributions=_contributions(attached, counts),
        verifications=_verifications(attached),
        resets=resets,
        outages=outages,
        last_outage=outage[0] if outage else "",
    )


def _course(attached: Attached, counts: Counts) -> tuple[Best, ...]:
    steps = counts.steps[-MOST_STEPS:]
    sessions, words = _sessions(attached), names(attached.reader.index)
    query = "SELECT first, lower(hex(id)) FROM programs WHERE first IN"
    ids = dict(select_in(attached.reader.index, query, [step.program for step in steps]))
    found: list[Best] = []
    seconds = 0.0
    for step in steps:
        # A verdict that comes late counts when it comes, and so does what is above it.
        seconds = max(seconds, _search_time(sessions, step.evaluation, step.time))
        unconfirmed = "unconfirmed" in words.get(step.flags, "").split()
        found.append(
            Best(step.samples, seconds, step.score, ids.get(step.program, ""), unconfirmed)
        )
    return tuple(found)


def _sessions(attached: Attached) -> list[tuple[int, float, float, float]]:
    """Return first record, begin and end of each session, and the search time before it."""
    index = attached.reader.index
    starts = index.execute(
        "SELECT number, time FROM runs WHERE event != 'finished' AND time IS NOT NULL"
        " ORDER BY number LIMIT ?",
        (_MOST_SESSIONS,),
    ).fetchall()
    found: list[tuple[int, float, float, float]] = []
    before = 0.0
    for (number, begin), (following, _) in pairwise([*starts, (2**62, 0.0)]):
        times = [index.execute(_LAST_TIME.format(t), (following,)).fetchone() for t in _WRITTEN]
        end = max([begin, *(row[0] for row in times if row and row[0] is not None)])
        found.append((number, begin, end, before))
        before += end - begin
    return found


def _search_time(
    sessions: list[tuple[int, float, float, float]], number: int, time: float | None
) -> float:
    place = bisect.bisect_left(sessions, (number,)) - 1
    if place < 0 or time is None:
        return 0.0
    _, begin, _, before = sessions[place]
    return before + max(0.0, time - begin)


def _islands(attached: Attached, counts: Counts) -> tuple[Island, ...]:
    """Return what each island holds: what was registered in its epoch, and its founder."""
    index = attached.reader.index
    resets = dict(
        index.execute(
            "SELECT island, count(*) FROM founders GROUP BY island ORDER BY island LIMIT ?",
            (MOST_ISLANDS,),
        )
    )
    held = {key: Held(each.size, each.best, each.program) for key, each in counts.held.items()}
    known = {island for island, _ in held if island is not None} | resets.keys()
    known |= set(range(_configured(attached)))
    start = held.get((None, 0), Held())
    found: list[tuple[int, Held]] = []
    for island in sorted(known)[:MOST_ISLANDS]:
        now = held.get((island, resets.get(island, 0)), Held())
        given = _founder(attached, island) if resets.get(island) else start
        now.size += given.size
        better = given.best is not None and (
            now.best is None
            or (
                given.best >= now.best
                if attached.metric.direction == "max"
                else given.best <= now.best
            )
        )
        if better:
            now.best, now.program = given.best, given.program
        found.append((island, now))
    firsts = sorted({each.program for _, each in found if each.program is not None})
    ids = {row.first: row.id for row in rows_of(index, firsts)}
    return tuple(
        Island(island, now.size, now.best, ids.get(now.program or -1, ""), resets.get(island, 0))
        for island, now in found
    )


def _configured(attached: Attached) -> int:
    """Return how many islands the run's configuration asks for: some may hold a start only."""
    search: Any = attached.config.get("search")
    number: Any = search.get("islands") if isinstance(search, dict) else None
    return min(number, MOST_ISLANDS) if type(number) is int else 0


def _founder(attached: Attached, island: int) -> Held:
    row = attached.reader.index.execute(
        "SELECT f.program, e.score FROM founders AS f"
        " LEFT JOIN evaluations AS e ON e.program = f.program AND e.scored"
        " WHERE f.island = ? ORDER BY f.reset DESC LIMIT 1",
        (island,),
    ).fetchone()
    return Held() if row is None else Held(1, row[1], row[0])


def _rate(attached: Attached) -> float | None:
    times = [
        time
        for (time,) in attached.reader.index.execute(
            "SELECT time FROM generations ORDER BY number DESC LIMIT ?", (_RECENT,)
        )
        if time is not None
    ]
    span = times[0] - times[-1] if times else 0.0
    return (len(times) - 1) / span if span > 0 else None


def _contributions(attached: Attached, counts: Counts) -> tuple[Contribution, ...]:
    words = names(attached.reader.index)
    found = sorted(counts.spent.copy().items(), key=lambda item: (-item[1].samples, item[0]))
    return tuple(
        Contribution(
            sampler=words.get(sampler, ""),
            model=words.get(model, ""),
            served="" if served == model else words.get(served, ""),
            samples=spent.samples,
            tokens=spent.tokens,
            cost=spent.cost,
            unpriced=spent.unpriced if words.get(model) else 0,
            seconds=spent.seconds,
        )
        for (sampler, model, served), spent in found[:MOST_CONTRIBUTORS]
    )


def _verifications(attached: Attached) -> tuple[Said, ...]:
    rows = attached.reader.index.execute(
        "SELECT v.number, coalesce(lower(hex(p.id)), ''), v.agreed, v.time FROM verifications AS v"
        " LEFT JOIN programs AS p ON p.first = v.program ORDER BY v.number DESC LIMIT ?",
        (MOST_VERIFICATIONS,),
    )
    return tuple(Said(number, name, bool(agreed), time) for number, name, agreed, time in rows)
