"""`evaluate` and `check`: verdicts on functions and on certificates that come from files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import typer

from evaluators import certificate as certificates
from evaluators.certificate import CertificateFile
from funsearch import api
from funsearch.api import UsageError, read_text
from funsearch.checking import run_checker
from funsearch.cli import output
from funsearch.cli.failures import warn_if_unsafe
from funsearch.parts import RunError
from funsearch.text import one_line, scored
from problems import registry
from problems.contract import Instance, Invalid, Problem


def evaluate(items: Sequence[str], out: str | None, *, fast: bool, json: bool) -> None:
    """Score functions from files; arguments of the form key=value are overrides."""
    overrides = [item for item in items if "=" in item and not Path(item).exists()]
    files = [item for item in items if item not in overrides]
    if not files:
        raise UsageError("name at least one file with a function")
    rows: list[list[str]] = []
    results = api.evaluate(files, *overrides, out=out, fast=fast)
    held = [result.judgement.sandbox for result in results if result.judgement.sandbox]
    if held:
        warn_if_unsafe(held[0])
    for result in results:
        verdict = result.verdict
        if json:
            output.json_line(
                {
                    "file": result.file,
                    "program": result.program,
                    "verdict": verdict.status.value,
                    "flags": sorted(verdict.flags),
                    "score": verdict.score,
                    "scores": dict(verdict.scores),
                    "seconds": verdict.seconds,
                    "tier": verdict.tier,
                    "certificate": str(result.certificate) if result.certificate else None,
                    "reason": verdict.reason,
                    "confirmed": list(result.judgement.confirmed),
                    "sandbox": list(result.judgement.sandbox),
                }
            )
        rows.append(
            [
                result.file,
                verdict.status.value,
                scored(verdict.score, verdict.flags),
                f"{verdict.seconds:.3f}",
                (result.program or "–")[:12],
                verdict.reason,
            ]
        )
    if not json:
        columns = ("file", "verdict", "score", "seconds", "program", "reason")
        output.table(columns, rows, right=("score", "seconds"))


def check(file: str, problem: str | None, *, json: bool) -> None:
    """Judge a certificate twice: by its checker, and by the problem's own score."""
    path = Path(file)
    try:
        text = read_text(path, certificates.MAX_CHARACTERS + 1)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    content = certificates.read(text)
    # A certificate may come from anybody: the name in it is never taken for a path.
    loaded = registry.by_name(content.problem) if problem is None else registry.load(problem)
    if loaded.problem.name != content.problem:
        raise UsageError(
            f"{file} is a certificate of {content.problem!a}, not of {loaded.problem.name}"
        )
    judged = _score(content, loaded)
    checked = run_checker(loaded.checker, path) if loaded.checker else None
    valid = isinstance(judged, float)
    agreed = checked is None or _agree(loaded.problem, checked.score, judged)
    if json:
        output.json_line(
            {
                "file": file,
                "problem": loaded.problem.name,
                "instance": content.instance.name,
                "valid": valid and agreed,
                "score": judged if valid else None,
                "reason": "" if valid else judged,
                "checker": checked.output if checked else None,
            }
        )
    else:
        pairs = [
            ("problem", f"{loaded.problem.name} {content.instance.name}"),
            ("checker", checked.output if checked else "there is none for this problem"),
            ("score", f"valid {judged!r}" if valid else f"invalid {judged}"),
        ]
        remark = loaded.problem.remark
        if isinstance(judged, float) and remark is not None:
            pairs.append(("implies", one_line(remark(content.instance, judged))))
        output.facts(pairs)
    if not agreed:
        raise RunError(f"{file}: checker and score disagree; do not believe either")
    if not valid:
        raise typer.Exit(1)


def _agree(problem: Problem, checker: float | None, score: float | str) -> bool:
    """Whether the checker found the score, or both refuse."""
    if checker is None or isinstance(score, str):
        return checker is None and isinstance(score, str)
    return problem.metric.agree(checker, score)


def _score(content: CertificateFile, loaded: registry.Loaded) -> float | str:
    """Return the problem's score of a certificate, or why it has none."""
    known = loaded.problem.instances().get(content.instance.name)
    if known is None or Instance(content.instance.name, known) != content.instance:
        return f"{content.instance.name} is not an instance of {loaded.problem.name}"
    found, declared = content.certificate, loaded.problem.certificate
    if found.dtype != declared.dtype or len(found.shape) != declared.ndim:
        return f"a certificate is a {declared.ndim}-dimensional array of {declared.dtype}"
    array = np.frombuffer(found.data, dtype=np.dtype(found.dtype).newbyteorder("<"))
    try:
        score = loaded.problem.score(content.instance, array.reshape(found.shape))
    except Invalid as error:
        return str(error)
    return float(score)
