"""The page of a problem: its own words if it is one of ours, else what the run says of it."""

from __future__ import annotations

import inspect

from funsearch.browser.facts.attached import Attached
from funsearch.browser.facts.model import Instance, Problem
from funsearch.browser.facts.program import MOST_SOURCE

MOST_INSTANCES = 500
_MOST_STATEMENT = 20_000


def page(attached: Attached) -> Problem:
    """Return the page of the problem of a run."""
    index, started, ours = attached.reader.index, attached.started, attached.problem
    row = index.execute(
        "SELECT lower(hex(p.id)) FROM generations AS g JOIN programs AS p ON p.first = g.number"
        " JOIN names AS n ON n.id = g.sampler WHERE n.name = 'seed' AND g.program = g.number"
        " ORDER BY g.number LIMIT 1"
    ).fetchone()
    seed = row[0] if row else ""
    in_run = () if started is None else started.instances
    training = () if ours is None else tuple(ours.training)
    held_out = () if ours is None else tuple(ours.held_out)
    names = list(dict.fromkeys((*in_run, *training, *held_out)))[:MOST_INSTANCES]
    found: list[Instance] = []
    for name in names:
        best = None if ours is None else ours.metric.best_known.get(name)
        bound = None if ours is None else ours.metric.bound.get(name)
        found.append(
            Instance(
                name=name,
                held_out=name in held_out,
                in_run=name in in_run,
                best_known=None if best is None else best.value,
                best_known_source="" if best is None else best.source,
                bound=None if bound is None else bound.value,
                bound_source="" if bound is None else bound.source,
            )
        )
    return Problem(
        run=attached.name,
        name="" if started is None else started.problem,
        digest="" if started is None else started.problem_digest,
        metric=attached.metric,
        ours=ours is not None,
        statement=None if ours is None else _statement(ours.construct, ours.evolve),
        seed=attached.text(seed, MOST_SOURCE) if seed else None,
        seed_program=seed,
        instances=tuple(found),
    )


def _statement(construct: object, evolve: object) -> str:
    """Return the words of the problem's module, and those of the function to evolve."""
    module = inspect.getmodule(construct)
    parts = [inspect.getdoc(module) if module else None, inspect.getdoc(evolve)]
    return "\n\n".join(part for part in parts if part)[:_MOST_STATEMENT]
