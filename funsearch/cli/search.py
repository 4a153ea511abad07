"""`run` and `resume`: a search with its progress, and what it found at the end."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from funsearch import api
from funsearch.best import certificate_path, is_current
from funsearch.checking import Checked, run_checker
from funsearch.cli import judgements, output, verification
from funsearch.cli.app import INTERRUPTED
from funsearch.cli.live import Display, spent
from funsearch.cli.ticker import Ticker
from funsearch.interruption import Interrupted
from funsearch.session import Observing, Outcome
from funsearch.state import Best
from funsearch.telemetry.watchers import watched
from funsearch.text import number, one_line, scored
from funsearch.verification import Verified
from problems.contract import Problem

_SHOWN = 3
"""Instances of a best program that are told one by one."""


Also = Callable[[Observing], Observing]
"""Returns an observer that tells somebody else, too."""


@dataclass(frozen=True)
class Command:
    """The command that drives a run.

    Attributes:
        again: what to type, before the name of the run, to go on with it.
        also: who else wants to hear how the run goes.
    """

    again: tuple[str, ...] = ("resume",)
    also: Also = lambda observing: observing


_PLAIN = Command()


def run(overrides: Sequence[str], *, json: bool, command: Command = _PLAIN) -> None:
    """Start a run and report."""
    with _displayed(quiet=json) as (observing, ended):
        outcome = api.run(*overrides, observing=command.also(observing))
        ended(outcome)
    _report(outcome, (), command, json=json)


def resume(
    folder: str,
    overrides: Sequence[str],
    *,
    unsafe_no_sandbox: bool,
    json: bool,
    command: Command = _PLAIN,
) -> None:
    """Go on with a run and report."""
    with _displayed(quiet=json) as (observing, ended):
        outcome = api.resume(
            folder,
            *overrides,
            observing=command.also(observing),
            unsafe_no_sandbox=unsafe_no_sandbox,
        )
        ended(outcome)
    _report(outcome, overrides, command, json=json)


@contextmanager
def _displayed(*, quiet: bool) -> Iterator[tuple[Observing, Callable[[Outcome], None]]]:
    """Show how a run goes: first the search, then the verification of what it found."""
    display, ticker = Display(quiet=quiet), Ticker(quiet=quiet)

    def verifying(done: int, of: int) -> None:
        display.close()  # its last state stays above
        ticker(f"verifying the best program: {done} of {of} instances")

    try:
        with watched(replace(display.observing(), verifying=verifying)) as heard:
            yield heard
    finally:
        display.close()
        ticker.close()


def _report(outcome: Outcome, limits: Sequence[str], command: Command, *, json: bool) -> None:
    checked = _checked(outcome)
    if json:
        _report_json(outcome, checked)
    else:
        _report_text(outcome, checked)
    if outcome.reason == "interrupted":
        unsafe = ["--unsafe-no-sandbox"] if outcome.config.unsafe_no_sandbox else []
        again = one_line(shlex.join([*command.again, str(outcome.folder), *limits, *unsafe]), 1000)
        sys.stderr.write(f"stopped; to go on: funsearch {again}\n")
        raise typer.Exit(INTERRUPTED)
    if isinstance(outcome.verified, Interrupted):
        raise typer.Exit(INTERRUPTED)
    disagrees = isinstance(outcome.verified, Verified) and not outcome.verified.record.agreed
    if disagrees or any(result.status for _, result in checked):
        raise typer.Exit(1)


def _checked(outcome: Outcome) -> list[tuple[Path, Checked]]:
    """Let the checker judge the certificates of the best program, and compare their scores."""
    checker, best = outcome.config.loaded.checker, outcome.best
    metric = outcome.config.loaded.problem.metric
    if checker is None or best is None:
        return []
    judged = _judged(outcome.verified)
    results: list[tuple[Path, Checked]] = []
    for name, digest in best.certificates.items():
        path = certificate_path(outcome.folder, name)
        if digest in judged and is_current(outcome.folder, name, digest):
            result = Checked(0, judged[digest], ())
        elif is_current(outcome.folder, name, digest):
            result = run_checker(checker, path)
            if result.score is not None and not metric.agree(result.score, best.scores[name]):
                says = f"{result.output}, but its score on record is {best.scores[name]!r}"
                result = replace(result, status=1, output=says)
        else:
            result = Checked(2, "it is not the certificate on record", ())
        results.append((path, result))
    return results


def _judged(verified: object) -> dict[str, str]:
    """Return what the checker said of certificates that it was just given, by their digests."""
    if not isinstance(verified, Verified) or verified.earlier or not verified.record.agreed:
        return {}
    return {each.certificate: each.checked for each in verified.record.findings if each.checked}


def _report_json(outcome: Outcome, checked: Sequence[tuple[Path, Checked]]) -> None:
    best, verified = outcome.best, outcome.verified
    output.json_line(
        {
            "run": str(outcome.folder),
            "problem": outcome.config.loaded.problem.name,
            "state": outcome.reason,
            "samples": outcome.progress.samples,
            "seconds": round(outcome.progress.seconds, 3),
            "tokens": outcome.progress.spending.tokens,
            "cost": f"{outcome.progress.spending.cost:f}",
            "samples_of_unknown_cost": outcome.progress.spending.unpriced,
            "verdicts": outcome.progress.verdicts,
            "program": best.program if best else None,
            "best": best.score if best else None,
            "flags": list(best.flags) if best else [],
            "scores": dict(best.scores) if best else {},
            "checker": [result.output for _, result in checked],
            "verified": verification.as_json(verified) if isinstance(verified, Verified) else None,
        }
    )


def _report_text(outcome: Outcome, checked: Sequence[tuple[Path, Checked]]) -> None:
    best, problem = outcome.best, outcome.config.loaded.problem
    reasons = {
        "samples": "all samples were made",
        "seconds": "the time was used",
        "target": "the target was reached",
        "tokens": "another request might exceed run.max_tokens",
        "cost": "another request might exceed run.max_cost",
        "interrupted": "interrupted",
    }
    progress = outcome.progress
    pairs = [
        (
            "ended",
            f"{reasons[outcome.reason]}: {progress.samples} samples in {progress.seconds:.1f} s",
        ),
    ]
    if cost := spent(progress.spending):
        pairs.append(("spent", cost))
    if best is None:
        output.facts([*pairs, ("best", "no program has a score"), ("run", str(outcome.folder))])
        return
    known = problem.metric.best_known_for(outcome.config.instances)
    against = "" if known is None else f" (best known {number(known)})"
    pairs += [
        ("best", best.program),
        (
            problem.metric.name,
            f"{scored(best.score, best.flags)} {problem.metric.unit}{against}",
        ),
    ]
    pairs += [("implies", text) for text in _remarks(problem, best)]
    if best.flags:
        pairs.append(("but", f"its verdict is {', '.join(best.flags)}"))
    pairs += _of_checker(checked)
    if outcome.config.loaded.checker is None:
        pairs.append(("checker", f"problem {problem.name} has none"))
    pairs += _of_verification(outcome, best)
    pairs += [
        ("run", str(outcome.folder)),
        ("next", f"funsearch lineage {best.program[:12]} --run {_quoted(outcome.folder)}"),
    ]
    output.facts(pairs)


def _remarks(problem: Problem, best: Best) -> list[str]:
    """Return what else follows from the scores, the first few of them."""
    if problem.remark is None:
        return []
    named = list(best.scores.items())[:_SHOWN]
    return [one_line(problem.remark(problem.instance(name), score)) for name, score in named]


def _of_checker(checked: Sequence[tuple[Path, Checked]]) -> list[tuple[str, str]]:
    """Return a line for each certificate; one for all where many are accepted."""
    if len(checked) > _SHOWN and not any(result.status for _, result in checked):
        path, result = checked[0]
        return [
            (
                "checker",
                f"accepts all {len(checked)} in {path.parent}, {path.name} for example: "
                f"{one_line(result.output)}",
            )
        ]
    words = {0: "accepts", 1: "REJECTS"}
    return [
        (
            "checker",
            f"{words.get(result.status, 'CANNOT READ')} {path}: {one_line(result.output)}",
        )
        for path, result in checked
    ]


def _of_verification(outcome: Outcome, best: Best) -> list[tuple[str, str]]:
    """Return lines on the verification of the best program; none if it was not wanted."""
    verified = outcome.verified
    again = f"funsearch verify {best.program[:12]} --run {_quoted(outcome.folder)}"
    if verified is None:
        return []
    if not isinstance(verified, Verified):
        return [("verified", f"no: {one_line(str(verified))}; to do it: {again}")]
    before = f"before, in record {verified.number}: " if verified.earlier else ""
    pairs = [("verified", before + judgements.summary(verified.record))]
    if verified.changed:
        pairs.append(("but", verification.conditions(verified)))
    if verified.left_out:
        few = _few(verified.left_out)
        pairs.append(("left out", f"{few}, for want of time; without a limit: {again}"))
    return pairs


def _few(names: Sequence[str]) -> str:
    rest = len(names) - _SHOWN
    return ", ".join([*names[:_SHOWN], *([f"… {rest} more"] if rest > 0 else [])])


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
