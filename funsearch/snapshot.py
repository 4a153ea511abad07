"""The state of a search as one text of bytes, to be had back without its log's records.

A cache, and never more: it is made of the state, which is made of the log, and whoever finds it
damaged, stale or missing applies the records instead.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from dataclasses import asdict, astuple
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from evaluators import identity
from evaluators.verdict import Flag, Status
from funsearch import columns
from funsearch.archive import fields, statement
from funsearch.archive.records import GenerationRecord
from funsearch.attempts import REASON_CHARACTERS, Attempt
from funsearch.columns import Columns, Json, Stale
from funsearch.config import Config
from funsearch.search import Search
from funsearch.spending import Spending
from funsearch.state import Best, Clock, Pending, SearchState

_STATUSES = frozenset(str(status) for status in Status)
_MOST_MEMORY = 16 << 20
"""Characters of what a sampler learned."""
_FLAGS = frozenset(str(flag) for flag in Flag)


def context_of(config: Config, search: Search) -> str:
    """Return all that a state depends on beside its log: a line each, with a name and a value.

    Args:
        config: of the run.
        search: built from it. Of one that a plug-in brings, the modules of its classes count.
    """
    values = {
        "evaluator": identity.evaluator_digest(),
        "instances": json.dumps(config.instances),
        "numpy": np.__version__,
        "probe": json.dumps(config.run.probe),
        "problem": config.loaded.digest,
        "sampler": json.dumps(config.tree["sampler"], sort_keys=True),
        "search": json.dumps(config.tree["search"], sort_keys=True),
        "seed": str(config.run.seed),
        "source": _source(search),
    }
    return "".join(f"{name} {value}\n" for name, value in values.items())


def _source(search: Search) -> str:
    """Return a digest over this project's modules from which a state follows, and the search's."""
    here = Path(__file__).parent
    modules = {sys.modules[kind.__module__] for kind in type(search).__mro__}
    files = {Path(file) for each in modules if (file := getattr(each, "__file__", None))}
    total = sha256()
    for path in sorted({*here.glob("*.py"), *here.glob("archive/**/*.py"), *files}):
        total.update(sha256(path.read_bytes()).digest())
    return total.hexdigest()


def dump(state: SearchState, number: int, context: str) -> bytes:
    """Return a state as bytes; those of equal states are equal.

    Its last 32 bytes are the SHA-256 of what is before them, and `load` checks that: a signature
    of these 32 covers the whole.

    Args:
        state: to which exactly the first records of its log were applied.
        number: how many records that were.
        context: as `context_of` returns it.
    """
    population, pending = state.population, state.pending.items()
    facts: Json = {
        "attempts": [[island, *astuple(attempt)] for island, attempt in state.attempts],
        "best": None if state.best is None else asdict(state.best),
        "clock": asdict(state.clock),
        "context": context,
        "cost": f"{state.spending.cost:f}",
        "evaluations": state.evaluations,
        "last_failure": state.last_failure,
        "memory": "" if state.learner is None else state.learner.memory(),
        "next_draw": state.next_draw,
        "number": number,
        "outages": state.outages,
        "pending": [
            [at, waiting.duplicate, statement.encode(waiting.record).decode()]
            for at, waiting in pending
        ],
        "samples": state.samples,
        "spent": [
            state.spending.prompt_tokens,
            state.spending.completion_tokens,
            state.spending.unpriced,
            state.spending.uncounted,
        ],
        "starts": state.starts,
        "verdicts": list(state.verdicts.items()),
    }
    found = map(population.find, state.unconfirmed)
    unconfirmed = sorted(program for program in found if program is not None)
    return columns.pack(
        facts,
        {
            **_prefixed("population.", population.columns()),
            **_prefixed("search.", state.search.columns()),
            **_prefixed("behaviours.", state.behaviours.columns() if state.behaviours else {}),
            "unconfirmed": np.array(unconfirmed, np.int32),
        },
    )


def load(data: bytes, state: SearchState, context: str) -> int:
    """Move a state on to where `dump` was called.

    Args:
        data: what it returned; it may be anybody's.
        state: of a run that has not begun. After an error it is of no more use.
        context: as `context_of` returns it now.

    Returns:
        Number of records that the state has now seen.

    Raises:
        Stale: it is of another version, or of a search under other conditions.
        ValueError: it is damaged, or no state could have been so; one line says why.
    """
    facts, found = columns.unpack(data)
    _check_context(facts.get("context"), context)
    if len(state.population) or state.samples or state.pending:
        raise ValueError("is not for a run that has begun")
    state.population.restore(_below("population.", found))
    state.search.restore(_below("search.", found))
    if state.behaviours is not None:
        state.behaviours.restore(_below("behaviours.", found))
    last = len(state.population) - 1
    unconfirmed = columns.column(found, "unconfirmed", np.int32, (None,), 0, last)
    state.unconfirmed = {state.population.id(program) for program in unconfirmed.tolist()}
    try:
        return _take(facts, state)
    except (KeyError, TypeError, AttributeError):
        raise ValueError("has a fact that is not of the form that it must have") from None


def _take(facts: Json, state: SearchState) -> int:
    """Take what is in no column, and return how many records there were."""
    number = fields.integer("number", facts["number"])
    state.samples = fields.integer("samples", facts["samples"])
    state.evaluations = fields.integer("evaluations", facts["evaluations"])
    state.outages = fields.integer("outages", facts["outages"])
    state.next_draw = fields.integer("next_draw", facts["next_draw"])
    state.last_failure = fields.text("last_failure", facts["last_failure"])
    cost = fields.amount("cost", fields.required("cost", facts["cost"]))
    tokens = (fields.integer("spent", spent) for spent in facts["spent"])
    prompts, completions, unpriced, uncounted = tokens
    state.spending = Spending(prompts, completions, Decimal(cost), unpriced, uncounted)
    memory = fields.string("memory", facts["memory"], _MOST_MEMORY)
    if state.learner is not None:
        state.learner.recall(memory)
    state.starts = [_digest("starting program", program) for program in facts["starts"]]
    state.verdicts = Counter(
        {
            _one_of(_STATUSES, status): fields.integer("verdicts", n)
            for status, n in facts["verdicts"]
        }
    )
    state.pending = {
        fields.integer("pending", at, 0, number - 1): _pending(state, duplicate, text)
        for at, duplicate, text in facts["pending"]
    }
    for island, *attempt in facts["attempts"]:
        last = state.search.size - 1
        state.attempts.add(fields.integer("island", island, 0, last), _attempt(number, *attempt))
    state.best = None if facts["best"] is None else _best(state, facts["best"])
    past, since, until = (facts["clock"][name] for name in ("past", "since", "until"))
    since = None if since is None else _finite("since", since)
    state.clock = Clock(_finite("past", past), since, _finite("until", until))
    return number


def _pending(state: SearchState, duplicate: bool, text: str) -> Pending:
    record = statement.decode(text.encode("ascii"))
    if not isinstance(record, GenerationRecord):
        raise ValueError("has a pending record that is no generation")
    if record.island is not None and record.island >= state.search.size:
        raise ValueError("has a pending record of an island that is none")
    return Pending(record, fields.flag("duplicate", duplicate))


def _attempt(end: int, evaluation: int, program: str | None, status: str, reason: str) -> Attempt:
    return Attempt(
        fields.integer("evaluation", evaluation, 0, end - 1),
        None if program is None else _digest("program", program),
        _one_of(_STATUSES, status),
        fields.string("reason", reason, REASON_CHARACTERS),
    )


def _best(state: SearchState, facts: Json) -> Best:
    best = Best(
        program=_digest("program", facts["program"]),
        score=_finite("score", facts["score"]),
        scores={_instance(state, n): _finite("score", s) for n, s in facts["scores"].items()},
        evaluation=fields.integer("evaluation", facts["evaluation"]),
        flags=tuple(_one_of(_FLAGS, flag) for flag in facts["flags"]),
        certificates={
            _instance(state, n): _digest("certificate", d) for n, d in facts["certificates"].items()
        },
    )
    if state.population.find(best.program) is None:
        raise ValueError("has a best program that was never proposed")
    return best


def _check_context(theirs: Any, ours: str) -> None:
    if theirs == ours:
        return
    known = theirs.splitlines() if isinstance(theirs, str) else []
    differing = [line.partition(" ")[0] for line in ours.splitlines() if line not in known]
    raise Stale(f"is of a search under other conditions: {', '.join(differing) or 'fewer of them'}")


def _prefixed(prefix: str, inner: Columns) -> Columns:
    return {prefix + name: column for name, column in inner.items()}


def _below(prefix: str, outer: Columns) -> Columns:
    return {
        name.removeprefix(prefix): column
        for name, column in outer.items()
        if name.startswith(prefix)
    }


def _finite(name: str, value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError(f"{name} is not a finite number")
    return value


def _digest(name: str, value: Any) -> str:
    return fields.sha256(name, value)["sha256"]


def _one_of(known: frozenset[str], value: Any) -> str:
    if value not in known:
        raise ValueError("has a status or a flag that is none")
    return value


def _instance(state: SearchState, name: Any) -> str:
    if name not in state.instances:
        raise ValueError("has a score or certificate of an instance that is not of this run")
    return name
