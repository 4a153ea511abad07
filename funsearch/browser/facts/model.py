"""What each page says. Every text in here may be anybody's: escape it wherever it is shown.

A part that is None does not exist on record, or is not known: leave its section out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from funsearch.archive.queries import Direction, ProgramRow

Sort = Literal["newest", "oldest", "best", "worst"]


@dataclass(frozen=True, slots=True)
class Count:
    """A number of things; without `exact` there are at least so many (`10,000+`)."""

    number: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the archive, or why there is none.

    Attributes:
        digest: in hex.
        text: as far as it is shown; None if it cannot be had.
        size: of all of it, in bytes.
        cut: whether there is more than is shown.
        absent: why it cannot be had; empty if it is there.
    """

    digest: str
    text: str | None
    size: int = 0
    cut: bool = False
    absent: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """What a score of a run means.

    Attributes:
        name: what is counted.
        unit: of one score.
        direction: in which scores get better.
        best_known: best published value for the run's instances, or None.
        best_known_source: where it was published; empty if that is not known.
        bound: proven limit for the run's instances, or None.
        bound_source: where it was proved.
        ours: whether all this is said by this installation's own problem, with the digest on
            record; else by the run's configuration.
    """

    name: str
    unit: str
    direction: Direction
    best_known: float | None = None
    best_known_source: str = ""
    bound: float | None = None
    bound_source: str = ""
    ours: bool = False


@dataclass(frozen=True, slots=True)
class RunCard:
    """A run at a glance.

    Attributes:
        run: its name in addresses.
        folder: where it is.
        problem: name.
        samplers: those with the most samples first.
        metric: what its scores mean.
        best: the best program that stands, or None.
        samples: made.
        programs: different ones.
        records: in the index.
        seconds: of search.
        started: seconds since the epoch, or None.
        state: as `queries.Summary.state`.
        counted: whether the counts have reached the last record; they lag at most so long as a
            large run is counted for the first time.
    """

    run: str
    folder: str
    problem: str
    samplers: tuple[str, ...]
    metric: Metric
    best: ProgramRow | None
    samples: int
    programs: int
    records: int
    seconds: float
    started: float | None
    state: str
    counted: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A run that cannot be shown, and why."""

    run: str
    reason: str


@dataclass(frozen=True, slots=True)
class Runs:
    """The page of all runs."""

    runs: tuple[RunCard, ...]
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Best:
    """A program that was the best so far.

    Attributes:
        samples: made until then, this one included; 0 for a starting program.
        seconds: of search until its verdict.
        score: its own.
        program: id.
        unconfirmed: whether no other run could confirm the score.
    """

    samples: int
    seconds: float
    score: float
    program: str
    unconfirmed: bool


@dataclass(frozen=True, slots=True)
class Island:
    """What an island holds.

    Attributes:
        index: of the island.
        size: programs registered in its epoch, its founder included.
        best: the best score among them, or None.
        program: id of the first with that score; empty if there is none.
        resets: how often it was emptied.
    """

    index: int
    size: int
    best: float | None
    program: str
    resets: int


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one model, or a sampler without one, was asked for.

    Attributes:
        sampler, model, served: names; `served` is empty where it is the model asked for.
        samples: how many.
        tokens: of prompts and answers, as far as they were reported.
        cost: in US dollars, as far as it is known.
        unpriced: samples of a model whose cost is not known.
        seconds: that samples were waited for.
    """

    sampler: str
    model: str
    served: str
    samples: int
    tokens: int
    cost: float
    unpriced: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Said:
    """A verification, by the number of its record."""

    number: int
    program: str
    agreed: bool
    time: float | None


@dataclass(frozen=True, slots=True)
class Run:
    """The page of a run.

    Attributes:
        card: at a glance.
        seed: as a decimal text; empty if it is not known.
        course: how the best score grew; the last ones if they are too many.
        islands: in order.
        statuses: status → evaluation records.
        samples_per_second: over the last thousand samples, or None.
        contributions: of samplers and models, those with the most samples first.
        verifications: the latest first.
        resets, outages: how many.
        last_outage: why the last request failed; empty if none did.
    """

    card: RunCard
    seed: str
    course: tuple[Best, ...]
    islands: tuple[Island, ...]
    statuses: Mapping[str, int]
    samples_per_second: float | None
    contributions: tuple[Contribution, ...]
    verifications: tuple[Said, ...]
    resets: int
    outages: int
    last_outage: str


@dataclass(frozen=True, slots=True)
class Question:
    """What the table of programs is asked; a part that is None asks nothing.

    Attributes:
        text: words of the source, or the beginning of an id (six hex digits or more).
        island: on which it came in; -1 for those on none (starting programs).
        sampler, model, status, tier: of its first record and its verdict.
        review: `verified`, `contradicted` or `retracted`.
        sort: order; `best` and `worst` hold only programs with a score.
        after, before: keys of the page before or after.
        limit: most rows.
    """

    text: str = ""
    island: int | None = None
    sampler: str | None = None
    model: str | None = None
    status: str | None = None
    tier: str | None = None
    review: str | None = None
    sort: Sort = "newest"
    after: str | None = None
    before: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet, and how many programs have it, over the whole run."""

    value: str
    count: Count


@dataclass(frozen=True, slots=True)
class Facet:
    """What can be chosen of one part of `Question`, named by `part`."""

    part: str
    choices: tuple[Choice, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Programs:
    """A page of the table of programs.

    Attributes:
        run: its name in addresses.
        question: what was asked.
        rows: in order.
        count: all that pass.
        facets: what may be chosen.
        after: key of the next page, or None.
        before: key of the page before, or None.
        examined_all: False if the search stopped at its limit: `after` then goes on looking.
    """

    run: str
    metric: Metric
    question: Question
    rows: tuple[ProgramRow, ...]
    count: Count
    facets: tuple[Facet, ...]
    after: str | None
    before: str | None
    examined_all: bool = True


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a line of a source came from.

    Attributes:
        program: id of the earliest ancestor on the way that has it.
        sampler: that brought it.
        score: of that program, or None.
        generation: of that program.
        certain: False if the way was cut off before a starting program, so that it may be older.
    """

    program: str
    sampler: str
    score: float | None
    generation: int
    certain: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """One verdict about a program, from one judge on one instance.

    Attributes:
        judge: `score`, `checker`, `replay` or `held-out`.
        instance: name; empty for all together.
        agrees: True, False, or None where there is nothing to agree with.
        status: of the verdict.
        value: that this judge found, or None.
        said: what it said; may be empty.
        record: number of the record that says so.
    """

    judge: Literal["score", "checker", "replay", "held-out"]
    instance: str
    agrees: bool | None
    status: str
    value: float | None
    said: str
    record: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate file: its instance, digest and size; None where it is not in the archive."""

    instance: str
    digest: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Retracted:
    """A retraction of a record about a program; `stands` is False if it was itself retracted."""

    number: int
    target: int
    reason: str
    by: str
    stands: bool


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds: of the request, of the candidate by the clock and on the processor."""

    asked: float
    run: float | None
    cpu: float | None
    proposed: float | None
    judged: float | None
    """The last two: seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Program:
    """The page of a program.

    Attributes:
        run: its name in addresses.
        row: of the table.
        problem: name of the problem.
        metric: what the score means.
        scores: instance → score.
        judgements: of score, checker, replay and held-out instances, as far as on record.
        retractions: of records about it, the latest first.
        source: canonical.
        origins: of each line of the source that is shown; None if there is no source.
        certificates: by instance; None if there are none.
        prompt, reply: texts; the prompt is None for a starting program.
        parameters: of the sampler.
        timings: of request and evaluation.
        parents: ids by position, `_v0` first.
        children: the earliest ones.
        more_children: whether there are others.
        proposals, evaluations: numbers of records, the earliest ones.
        proof: command that writes its proofs.
        newer, older: id of the program that came in next, and before; empty if there is none.
    """

    run: str
    row: ProgramRow
    problem: str
    metric: Metric
    scores: Mapping[str, float]
    judgements: tuple[Judgement, ...]
    retractions: tuple[Retracted, ...]
    source: Text
    origins: tuple[Origin, ...] | None
    certificates: tuple[Certificate, ...] | None
    prompt: Text | None
    reply: Text
    parameters: Mapping[str, str]
    timings: Timings | None
    parents: tuple[str, ...]
    children: tuple[str, ...]
    more_children: bool
    proposals: tuple[int, ...]
    evaluations: tuple[int, ...]
    proof: str
    newer: str
    older: str


@dataclass(frozen=True, slots=True)
class Node:
    """A program of a lineage; `more` is the number of its parents that are not among the nodes."""

    program: ProgramRow
    more: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A parent was shown to a sampler at a position (`_v0` is 0), and the child came of it."""

    parent: str
    child: str
    position: int
    best_path: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a diff; `old` and `new` are line numbers from 1, None where it is not there."""

    kind: Literal["same", "changed", "removed", "added", "skipped"]
    old: int | None
    new: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Diff:
    """How a source became another one; `absent` says why that cannot be told."""

    old: str
    new: str
    lines: tuple[Line, ...]
    cut: bool = False
    absent: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A program on the best path, with what changed since the one before it; None at its start."""

    program: ProgramRow
    change: Diff | None


@dataclass(frozen=True, slots=True)
class Lineage:
    """The page of a lineage.

    Attributes:
        run: its name in addresses.
        program: id of the program it is of.
        nodes: the program and its ancestors, the latest first.
        edges: between them, in order of the child.
        best_path: from the start to the program, those whose score differs from the one before.
        path_cut: whether the path goes on further back than was walked.
        more: number of a first record to go on before; None if this is all.
    """

    run: str
    program: str
    metric: Metric
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    best_path: tuple[Step, ...]
    path_cut: bool
    more: int | None


@dataclass(frozen=True, slots=True)
class ComparedPrograms:
    """Two programs side by side; `ancestor` is the latest one they share, or None."""

    run: str
    metric: Metric
    a: ProgramRow
    b: ProgramRow
    scores: Mapping[str, tuple[float | None, float | None]]
    diff: Diff
    ancestor: ProgramRow | None
    ancestor_sought_all: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting in which two runs differ; None where a run has none of that name."""

    name: str
    a: str | None
    b: str | None


@dataclass(frozen=True, slots=True)
class ComparedRuns:
    """Two runs side by side; `comparable` is whether their scores mean the same."""

    a: Run
    b: Run
    settings: tuple[Setting, ...]
    more_settings: bool
    comparable: bool


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of a problem, and what is known of it."""

    name: str
    held_out: bool
    in_run: bool
    best_known: float | None
    best_known_source: str
    bound: float | None
    bound_source: str


@dataclass(frozen=True, slots=True)
class Problem:
    """The page of a problem.

    Attributes:
        run: its name in addresses.
        name: of the problem.
        digest: of its source, on record.
        metric: what its scores mean.
        ours: whether it is one of this installation's own, with that digest; else statement and
            instances beyond the run's are not known.
        statement: the problem's own words, or None.
        seed: first version of the function to evolve.
        seed_program: id of the first starting program; empty if there is none.
        instances: of the run, and the others of the problem if it is ours.
    """

    run: str
    name: str
    digest: str
    metric: Metric
    ours: bool
    statement: str | None
    seed: Text | None
    seed_program: str
    instances: tuple[Instance, ...]
