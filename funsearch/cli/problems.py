"""`problem list`, `show`, `new` and `check`: what there is to search, stated, begun and tried."""

from __future__ import annotations

import inspect
import json as json_text
import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from evaluators.pool import PoolError, Uncontained
from funsearch.api import UsageError
from funsearch.cli import output
from funsearch.cli.failures import say
from funsearch.problem_check.examination import SEED, Options, examine
from funsearch.problem_check.finding import Finding, Result
from funsearch.problem_new import create
from funsearch.text import block, number, one_line
from problems import registry
from problems.contract import Data, Known, Problem
from problems.registry import Loaded, ProblemError

_PAGES = Path("docs/problems")
_LISTED = 12
"""Instances that are told one by one; of the others only how many there are."""


def list_problems(*, json: bool) -> None:
    """List all problems that are found by name; one that fails to load is a line of its own."""
    rows: list[list[str]] = []
    for name in registry.names():
        try:
            loaded = registry.load(name)
        except ProblemError as error:
            say(str(error))
            if json:
                output.json_line({"problem": name, "error": str(error)})
            rows.append([name, "–", "–", "fails to load"])
            continue
        problem = loaded.problem
        if json:
            output.json_line(_summary(loaded))
        known = problem.metric.best_known_for(list(problem.training))
        marks = ", ".join(_marks(loaded))
        rows.append(
            [
                name,
                f"{len(problem.training)} + {len(problem.held_out)}",
                f"{problem.metric.direction} {'–' if known is None else format(known, '.6g')}",
                one_line(re.split(r"[:.]", _object_of(loaded))[0], 60)
                + f" ({marks})" * bool(marks),
            ]
        )
    if not json:
        columns = ("problem", "instances", "best known", "object")
        output.table(columns, rows, right=("instances", "best known"), whole=columns[:3])
        output.line("instances: for training + held out; best known: on those for training")


def show(reference: str, *, json: bool) -> None:
    """State a problem: everything a mathematician needs to judge it."""
    loaded = registry.load(reference)
    registry.select(loaded, None)
    problem = loaded.problem
    instances = problem.instances()
    if json:
        output.json_line(_summary(loaded) | _statement(loaded) | {"instances": dict(instances)})
        return
    output.line(block(_docstring(loaded)))
    output.line()
    output.line(block(_evolved(problem)))
    output.line()
    metric, limits, array = problem.metric, problem.limits, problem.certificate
    better = "more" if metric.direction == "max" else "less"
    pairs = [
        ("score", f"{metric.name} in {metric.unit}, {better} is better; the {metric.aggregate}"),
        *([("tolerance", f"{metric.tolerance:g}, relative")] if metric.tolerance else []),
        (
            "certificate",
            f"{array.ndim}-dimensional array of {array.dtype}, at most {array.max_elements} "
            "elements",
        ),
        ("limits", f"{limits.wall_s:g} s and {limits.memory_bytes >> 20} MiB an instance"),
        ("names", ", ".join(problem.names) or "none beyond np, math, itertools …"),
        ("options", ", ".join(f"problem.{each}=" for each in problem.shorthands) or "none"),
        *([("online", f"{problem.online} arrive one by one")] if problem.online else []),
        *([("self-design", "the object is a learning system")] if problem.self_design else []),
        ("checker", str(loaded.checker) if loaded.checker else "none"),
        ("source", str(loaded.source)),
        *([("page", str(_page(loaded)))] if _page(loaded) else []),
    ]
    output.facts(pairs)
    output.line()
    rows = [_row(problem, name, instances[name]) for name in _told(problem, instances)]
    output.table(("instance", "use", "data", "bound", "best known"), rows, right=("bound",))
    if len(instances) > len(rows):
        output.line(f"and {len(instances) - len(rows)} more; --json has all, with their data")
    _print_sources(problem)


def new(name: str, folder: str) -> None:
    """Write a problem that works, its checker and its test."""
    paths = create(name, Path(folder))
    for path in paths:
        output.line(f"wrote {path}")
    output.line("next:")
    output.line(f"  funsearch problem check {_path_text(paths[0])}")
    output.line(f"  python -m pytest {paths[-1]}")
    output.line(f"  funsearch run problem={_path_text(paths[0])}")


def check(
    references: Sequence[str],
    instances: Sequence[str],
    *,
    everything: bool,
    seconds: float | None,
    unsafe: bool,
    json: bool,
) -> None:
    """Try the evaluators of problems; end with status 1 if one fails."""
    if everything == bool(references):
        raise UsageError("name problems to check, or say --all")
    if instances and len(references) != 1:
        raise UsageError("--instance is for one problem")
    options = Options(
        **({} if seconds is None else {"seconds": seconds}),
        instances=list(instances) or None,
        unsafe_no_sandbox=unsafe,
    )
    # A misspelt name is said before any work.
    chosen = {name: None if everything else registry.load(name) for name in references}
    totals = Counter[Result]()
    failed: list[str] = []
    for name, loaded in (dict.fromkeys(registry.names()) if everything else chosen).items():
        findings = _examined(name, loaded, options)
        totals.update(finding.result for finding in findings)
        if any(finding.result is Result.FAIL for finding in findings):
            failed.append(name)
        _print(name, findings, json=json)
    if not json:
        counts = ", ".join(f"{totals[result]} {result}" for result in Result)
        output.line(f"{counts} (randomness of key {SEED})")
        if failed:
            output.line(f"FAILED: {', '.join(one_line(name) for name in failed)}")
    if failed:
        raise typer.Exit(1)


def _examined(name: str, loaded: Loaded | None, options: Options) -> list[Finding]:
    """Return what was found about a problem; that it cannot be had is a finding too."""
    terminal = sys.stderr.isatty()

    def progress(text: str) -> None:
        line = one_line(f"{name}: {text}", 78)
        sys.stderr.write(f"\r\x1b[2K{line}" if terminal else f"{line}\n")
        sys.stderr.flush()

    try:
        return examine(loaded or registry.load(name), options, progress)
    except Uncontained:
        raise
    except (ProblemError, PoolError) as error:
        return [Finding("statement", Result.FAIL, str(error))]
    finally:
        if terminal:
            sys.stderr.write("\r\x1b[2K")


def _print(name: str, findings: Sequence[Finding], *, json: bool) -> None:
    if json:
        for finding in findings:
            output.json_line(
                {
                    "problem": name,
                    "check": finding.check,
                    "result": finding.result.value,
                    "detail": finding.detail,
                }
            )
        return
    output.line(f"{one_line(name)}")
    rows = [[each.check, each.result.value, each.detail] for each in findings]
    output.table(("check", "result", "detail"), rows)
    output.line()


def _summary(loaded: Loaded) -> dict[str, Any]:
    problem = loaded.problem
    metric = problem.metric
    return {
        "problem": loaded.reference,
        "name": problem.name,
        "object": _object_of(loaded),
        "direction": metric.direction,
        "metric": metric.name,
        "unit": metric.unit,
        "training": list(problem.training),
        "held_out": list(problem.held_out),
        "best_known": metric.best_known_for(list(problem.training)),
        "online": problem.online,
        "self_design": problem.self_design,
        "checker": str(loaded.checker) if loaded.checker else None,
        "source": str(loaded.source),
        "digest": loaded.digest,
    }


def _statement(loaded: Loaded) -> dict[str, Any]:
    problem = loaded.problem
    metric, array, limits = problem.metric, problem.certificate, problem.limits
    return {
        "statement": _docstring(loaded),
        "evolve": _evolved(problem),
        "aggregate": metric.aggregate,
        "tolerance": metric.tolerance,
        "bounds": {name: vars(known) for name, known in metric.bound.items()},
        "best_known_values": {name: vars(known) for name, known in metric.best_known.items()},
        "certificate": vars(array),
        "limits": {"wall_s": limits.wall_s, "memory_bytes": limits.memory_bytes},
        "names": list(problem.names),
        "shorthands": list(problem.shorthands),
        "page": str(_page(loaded)) if _page(loaded) else None,
    }


def _docstring(loaded: Loaded) -> str:
    """Return the docstring of a problem's module, which states the problem."""
    module = sys.modules.get(loaded.problem.evolve.__module__)
    return inspect.getdoc(module) or "(the module has no docstring)"


def _object_of(loaded: Loaded) -> str:
    first = _docstring(loaded).partition("\n")[0]
    return first.removeprefix(f"{loaded.problem.name}: ").rstrip(".")


def _marks(loaded: Loaded) -> list[str]:
    marks = {
        "online": bool(loaded.problem.online),
        "self-design": loaded.problem.self_design,
        "no checker": loaded.checker is None,
    }
    return [mark for mark, holds in marks.items() if holds]


def _evolved(problem: Problem) -> str:
    """Return the first lines of the function to evolve, as a language model reads them."""
    lines = inspect.getsource(problem.evolve).splitlines()
    code = problem.evolve.__code__
    first = min(line for *_, line in code.co_lines() if line and line > code.co_firstlineno)
    return "\n".join(lines[: max(1, first - code.co_firstlineno)])


def _page(loaded: Loaded) -> Path | None:
    """Return the page about a problem, where the documentation is beside its module."""
    page = loaded.source.parent.parent / _PAGES / f"{loaded.problem.name}.md"
    return page if page.is_file() else None


def _told(problem: Problem, instances: Sequence[str] | Any) -> list[str]:
    used = [*problem.training, *problem.held_out]
    return list(dict.fromkeys([*used, *instances]))[:_LISTED]


def _row(problem: Problem, name: str, data: Data) -> list[str]:
    metric = problem.metric
    use = "training" if name in problem.training else "held out"
    return [
        name,
        use if name in (*problem.training, *problem.held_out) else "–",
        _short(data),
        _value(metric.bound.get(name)),
        _value(metric.best_known.get(name)),
    ]


def _value(known: Known | None) -> str:
    return "–" if known is None else number(known.value)


def _short(data: Data) -> str:
    """Return an instance's data in a few words: plain values, and the lengths of the rest."""
    parts = [
        f"{len(value)} {key}" if isinstance(value, list | tuple | dict) else f"{key}={value}"
        for key, value in data.items()
    ]
    return one_line(", ".join(parts) or json_text.dumps({}), 60)


def _print_sources(problem: Problem) -> None:
    """Print where the values come from, each source once, with the instances it is for."""
    for kind, values in (
        ("bound", problem.metric.bound),
        ("best known", problem.metric.best_known),
    ):
        sources: dict[str, list[str]] = {}
        for name, known in values.items():
            sources.setdefault(known.source, []).append(name)
        for source, names in sources.items():
            where = ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
            output.line(one_line(f"{kind} of {where}: {source}", 400))


def _path_text(path: Path) -> str:
    """Return a path as one is told from a name: with a slash."""
    return str(path) if "/" in str(path) else f"./{path}"
