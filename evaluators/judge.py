"""From how a child ended, and the bytes it left, to a verdict. Trusted; outside the sandbox."""

from __future__ import annotations

import math
import numbers
import os
import signal
from dataclasses import replace

from evaluators.area import Area, Outcome
from evaluators.ended import Ended
from evaluators.reason import clean
from evaluators.verdict import Certificate, Status, Verdict
from problems.contract import Instance, Invalid, Problem

_FORBIDDEN = (
    "stopped by the kernel filter: a candidate may compute, and cannot start processes, open "
    "connections, signal others or run machine code"
)


class ScoreError(Exception):
    """`score` itself failed: a fault of the problem, never the candidate's."""


def judge(
    problem: Problem, instances: tuple[Instance, ...], ended: Ended, area: Area, limit_s: float
) -> Verdict:
    """Return the verdict on a candidate whose child is dead.

    Args:
        problem: the problem.
        instances: what the candidate was run on.
        ended: how its child ended.
        area: what the child left.
        limit_s: seconds that it had for each instance.

    Raises:
        ScoreError: `score` failed; the message names the instance.
    """
    status, text = _failure(problem, instances, ended, area, limit_s)
    verdict = (
        _scored(problem, instances, area) if status is None else Verdict(status, reason=clean(text))
    )
    return replace(
        verdict,
        tier=area.tier().name.lower(),
        seconds=ended.seconds,
        cpu_seconds=ended.cpu_seconds,
    )


def _failure(
    problem: Problem, instances: tuple[Instance, ...], ended: Ended, area: Area, limit_s: float
) -> tuple[Status | None, str]:
    """Return how the child failed and why, or (None, "") if it left a result everywhere."""
    on = _on(instances, ended.instance)
    code = os.waitstatus_to_exitcode(ended.status)
    if code < 0:
        return _signalled(ended, -code, limit_s, on)
    if code == 0:
        if all(area.complete(index) for index in range(len(instances))):
            return None, ""
        return Status.CRASHED, f"ended without a result{on}"
    outcome, text = area.failure()
    match outcome:
        case Outcome.CRASHED if text:
            return Status.CRASHED, text + on
        case Outcome.INVALID:
            return Status.INVALID, text + on
        case Outcome.OUT_OF_MEMORY:
            names = [instance.name for instance in instances]
            mib = problem.limits_for(names).memory_bytes >> 20
            return Status.OUT_OF_MEMORY, f"needs more than {mib} MiB {text}".rstrip() + on
        case _:
            return Status.CRASHED, f"exited with code {code}{on}"


def _signalled(ended: Ended, number: int, limit_s: float, on: str) -> tuple[Status, str]:
    if number == signal.SIGSYS:
        return Status.FORBIDDEN, f"{_FORBIDDEN}{on}"
    if number == signal.SIGKILL and ended.killed == "timeout":
        return Status.TIMEOUT, f"took longer than {limit_s:g} s{on}"
    # The limit on processor time is a backstop for threads: it ends with one of these two.
    if number == signal.SIGXCPU or (number == signal.SIGKILL and ended.cpu_seconds > limit_s):
        return Status.TIMEOUT, f"used {ended.cpu_seconds:.1f} s of processor time{on}"
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = str(number)
    hint = " (the machine may be out of memory)" if number == signal.SIGKILL else ""
    return Status.CRASHED, f"killed by signal {name}{hint}{on}"


def _scored(problem: Problem, instances: tuple[Instance, ...], area: Area) -> Verdict:
    scores: dict[str, float] = {}
    certificates: dict[str, Certificate] = {}
    beyond: str | None = None
    for index, instance in enumerate(instances):
        try:
            certificate, array = area.take(index)
            score = _number(problem.score(instance, array))
        except Invalid as error:
            return Verdict(Status.INVALID, reason=clean(f"{error}{_on(instances, index)}"))
        except Exception as error:
            raise ScoreError(
                f"score of {problem.name} failed on {instance.name}: "
                f"{type(error).__name__}: {error}"
            ) from error
        scores[instance.name], certificates[instance.name] = score, certificate
        if beyond is None and problem.metric.beyond_bound(instance.name, score):
            beyond = instance.name
    try:
        combined = problem.metric.combine(list(scores.values()))
    except OverflowError as error:
        raise ScoreError(
            f"the {problem.metric.aggregate} of the scores of {problem.name} is too large: {error}"
        ) from error
    return Verdict(
        Status.OK,
        score=combined,
        scores=scores,
        certificates=certificates,
        beyond_bound=beyond,
    )


def _number(score: object) -> float:
    """Return a score as a float; numpy's scalars count as numbers, truth values do not."""
    if type(score) is bool or not isinstance(score, numbers.Real):
        raise TypeError(f"it returned a {type(score).__name__}, not a number")
    value = float(score)
    if not math.isfinite(value):
        raise ValueError(f"it returned {value}")
    return value


def _on(instances: tuple[Instance, ...], index: int) -> str:
    return f" on {instances[index].name}" if len(instances) > 1 else ""
