"""The protocol of an evaluator pool: many programs in, one verdict each, on any machine."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from evaluators.containment import Containment
from evaluators.program import Program
from evaluators.verdict import Verdict


class Mode(StrEnum):
    """How a program is to be run.

    Any tier returns what the interpreter would; the modes beside `FAST` are there to find out
    whether it did, and whether the program does the same twice.
    """

    FAST = "fast"
    """By whichever tier is fastest."""
    EXACT = "exact"
    """By the interpreter alone, with the longer limit `Limits.confirm_s`."""
    AGAIN = "again"
    """As `EXACT`, but in another zygote: other addresses, another seed for hashes."""
    ALTERED = "altered"
    """As `AGAIN`, on instances whose later part is another (`evaluators.foresight`); only for a
    problem whose future must stay hidden. Certificates and scores are of those instances."""


class EvaluatorPool(Protocol):
    """Evaluates programs of one problem, several at a time.

    Every implementation owes:
      * one verdict for each call, whatever the candidate does; a candidate never raises here;
      * a verdict that does not depend on which programs were evaluated before or beside it;
      * `sandbox_error` only after a second try on a fresh worker;
      * no process, file or descriptor left after `close`, which may be called twice.
    """

    @property
    def slots(self) -> int:
        """How many evaluations run at the same time; more calls than that wait their turn."""
        ...

    @property
    def containment(self) -> Containment:
        """What holds candidates, tried out; known once the pool has started."""
        ...

    async def start(self) -> None:
        """Make the pool ready.

        Raises:
            Uncontained: candidates cannot be held here.
            PoolError: no worker could be started; the message is one line for the user.
        """
        ...

    async def evaluate(
        self, program: Program, instances: Sequence[str], mode: Mode = Mode.FAST
    ) -> Verdict:
        """Run the program on all the instances, in that order, and score what it built.

        Cancelling the call kills the candidate before the cancellation is passed on.

        Args:
            program: what to run.
            instances: names; at least one, each only once.
            mode: how to run it.

        Raises:
            PoolError: the pool is not open, no worker can be started any more, or the problem has
                no such instances; never for a reason that lies in the program.
        """
        ...

    async def close(self) -> None:
        """Stop every worker, and with it every candidate; calls under way raise PoolError."""
        ...


class PoolError(Exception):
    """The pool cannot work; the message says what to do."""


class Uncontained(PoolError):
    """This machine cannot hold code that attacks, and nobody said to run it all the same."""
