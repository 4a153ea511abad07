"""`evaluate` and `check`: verdicts on functions and on certificates that come from files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import typer

from evaluators import certificate as certificates
from evaluators.certificate import CertificateFile
from funsearch import api
from funsearch.api import UsageError
from funsearch.checking import run_checker
from funsearch.cli import output
from funsearch.text import number
from problems import registry
from problems.contract import Instance, Invalid


def evaluate(items: Sequence[str], out: str | None, *, json: bool) -> None:
    """Score functions from files; arguments of the form key=value are overrides."""
    overrides = [item for item in items if "=" in item and not Path(item).exists()]
    files = [item for item in items if item not in overrides]
    if not files:
        raise UsageError("name at least one file with a function")
    rows: list[list[str]] = []
    for result in api.evaluate(files, *overrides, out=out):
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
                }
            )
        rows.append(
            [
                result.file,
                verdict.status.value,
                number(verdict.score),
                f"{verdict.seconds:.3f}",
                (result.program or "–")[:12],
                verdict.reason,
            ]
        )
    if not json:
        columns = ("file", "verdict", "score", "seconds", "program", "reason")
        output.table(columns, rows, right=("score", "seconds"))


def check(file: str, *, json: bool) -> None:
    """Judge a certificate twice: by its checker, and by the problem's own score."""
    path = Path(file)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from None
    content = certificates.read(text)
    # A certificate may come from anybody; only a problem by name is ours to load.
    loaded = registry.load(Path(content.problem).name)
    scored = _score(content, loaded)
    checked = run_checker(loaded.checker, path) if loaded.checker else None
    agreed = checked is None or checked.output.startswith(scored)
    status = 0 if scored.startswith("valid") and agreed else 1
    if json:
        output.json_line(
            {
                "file": file,
                "problem": loaded.problem.name,
                "instance": content.instance.name,
                "valid": status == 0,
                "score": scored,
                "checker": checked.output if checked else None,
            }
        )
    else:
        output.facts(
            [
                ("problem", f"{loaded.problem.name} {content.instance.name}"),
                ("checker", checked.output if checked else "there is none for this problem"),
                ("score", scored),
            ]
        )
    if not agreed and scored.startswith("valid"):
        raise RuntimeError(f"checker and score disagree on {file}")
    if status:
        raise typer.Exit(status)


def _score(content: CertificateFile, loaded: registry.Loaded) -> str:
    known = loaded.problem.instances().get(content.instance.name)
    if known is None or Instance(content.instance.name, known) != content.instance:
        return f"invalid {content.instance.name} is not an instance of {loaded.problem.name}"
    found, declared = content.certificate, loaded.problem.certificate
    if found.dtype != declared.dtype or len(found.shape) != declared.ndim:
        return f"invalid a certificate is a {declared.ndim}-dimensional array of {declared.dtype}"
    array = np.frombuffer(found.data, dtype=np.dtype(found.dtype).newbyteorder("<"))
    try:
        score = loaded.problem.score(content.instance, array.reshape(found.shape))
    except Invalid as error:
        return f"invalid {error}"
    return f"valid {number(score)}"
