"""What follows when a program was run again: a table from verdicts to the one that counts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from evaluators.pool import Mode
from evaluators.reason import clean
from evaluators.verdict import Flag, Status, Verdict

INTERPRETER = "interpreter"
"""The tier that is true by definition."""

RUN_TO_RUN = "differs from run to run: random numbers, a clock or memory addresses"
HASHES = "depends on the order of a set, or on hashes or addresses, which differ between processes"
STATE = "keeps state between instances: their order changes what it builds"


@dataclass(frozen=True)
class Repeat:
    """One more run of a program.

    Attributes:
        mode: how it is run.
        backwards: whether the instances are run in reverse order.
    """

    mode: Mode
    backwards: bool = False


REPEATS = (
    Repeat(Mode.AGAIN, backwards=True),
    Repeat(Mode.EXACT),
    Repeat(Mode.EXACT),
    Repeat(Mode.AGAIN),
)
"""The runs that `conclusion` may ask for, in this order; an honest program needs only the first."""


def conclusion(
    first: Verdict,
    again: Verdict,
    exact: Verdict | None = None,
    exact_twice: Verdict | None = None,
    again_forwards: Verdict | None = None,
) -> Verdict | None:
    """Return the verdict that counts, or None if it takes the next of `REPEATS` to tell.

    Only what was built tells two runs apart: status, scores, and every byte of the certificates.
    A fault of ours in any run is the verdict, since nobody knows what that run would have said.

    Args:
        first: `ok`, by whichever tier was fastest.
        again: by the interpreter in another zygote, the instances in reverse order.
        exact: by the interpreter in the first zygote.
        exact_twice: the same once more.
        again_forwards: by the interpreter in the other zygote, the instances in order.
    """
    later = (again, exact, exact_twice, again_forwards)
    for run in later:
        if run is not None and run.status is Status.SANDBOX_ERROR:
            return run
    if again.status is Status.TIMEOUT:
        return unconfirmed(first, "the interpreter did not come to an end within the limits")
    if same(first, again):
        return first
    if exact is None:
        return None
    if first.tier != INTERPRETER and same(exact, again):
        return divergent(exact)
    if first.tier == INTERPRETER and not same(first, exact):
        return _nondeterministic(RUN_TO_RUN, first, exact)
    if exact_twice is None:
        return None
    if not same(exact, exact_twice):
        return _nondeterministic(RUN_TO_RUN, first, exact, exact_twice)
    if again_forwards is None:
        return None
    if len(first.scores) == 1 and not same(again, again_forwards):
        return _nondeterministic(RUN_TO_RUN, first, again, again_forwards)
    if not same(exact, again_forwards):
        return _nondeterministic(HASHES, first, exact, again_forwards)
    return _nondeterministic(STATE, first, again)


def compared(fast: Verdict, exact: Verdict) -> Verdict:
    """Return the verdict that counts of an accelerated one and the interpreter's."""
    if exact.status is Status.TIMEOUT:
        return unconfirmed(fast, "the interpreter did not come to an end within the limits")
    return fast if same(fast, exact) else divergent(exact)


def same(one: Verdict, other: Verdict) -> bool:
    """Whether two runs ended alike and built the same, byte for byte."""
    return (one.status, one.scores, one.certificates) == (
        other.status,
        other.scores,
        other.certificates,
    )


def unconfirmed(verdict: Verdict, why: str) -> Verdict:
    """Return the verdict as one that another run could not confirm."""
    reason = clean(f"not confirmed: {why}")
    return replace(verdict, reason=reason, flags=verdict.flags | {Flag.UNCONFIRMED})


def divergent(exact: Verdict) -> Verdict:
    """Return the interpreter's verdict where a faster tier said something else: Python is true."""
    if exact.status is not Status.OK:
        return exact
    return replace(exact, flags=exact.flags | {Flag.TIER_DIVERGENCE})


def without_score(verdict: Verdict, status: Status, reason: str) -> Verdict:
    """Return the verdict on a run that ended well and counts for nothing."""
    return Verdict(
        status,
        reason=clean(reason),
        tier=verdict.tier,
        seconds=verdict.seconds,
        cpu_seconds=verdict.cpu_seconds,
    )


def _nondeterministic(cause: str, first: Verdict, *others: Verdict) -> Verdict:
    failed = next((run for run in others if run.status is not Status.OK), None)
    ended = f"; one run was {failed.status.value}: {failed.reason}" if failed else ""
    return without_score(first, Status.NONDETERMINISTIC, cause + ended)
