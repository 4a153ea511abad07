"""A worker: runs candidates through slots, and scores what they built.

Trusted, one per slot of a pool, forked from the steward. It never runs a candidate's code; what it
reads of one is the bytes in the result area. It ends itself when the pool closes its channel, and
is ended by the system, even in the midst of a kernel, when the pool's process is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from evaluators import foresight, processes
from evaluators.area import Outcome
from evaluators.channel import Channel
from evaluators.ended import Ended
from evaluators.errand import Errand, How
from evaluators.judge import ScoreError, judge
from evaluators.pool import Mode
from evaluators.program import Program
from evaluators.reason import clean
from evaluators.sandbox import Kind, Sandbox, SandboxError
from evaluators.verdict import Status, Verdict
from evaluators.wire import pack_verdict
from problems.contract import Data, Instance
from problems.registry import Loaded, ProblemError

# No honest candidate is sent on from where it was sent to.
_FORGED = Verdict(Status.CRASHED, reason="wrote over what it was to return")
_MOST_SANDBOXES = 6
"""Slots kept at hand; the one that was not used longest is let go for another."""


def checked(names: Sequence[str], data: Mapping[str, Data], problem: str) -> Sequence[str]:
    """Return names of instances; raises ProblemError unless all are there, each only once."""
    if not names or len(set(names)) != len(names):
        raise ProblemError("an evaluation needs at least one instance, each only once")
    for name in names:
        if name not in data:
            raise ProblemError(f"problem {problem} has no instance {name!r}")
    return names


class _Worker:
    """The problem, and slots for the instances that were asked for."""

    def __init__(self, loaded: Loaded, pool: Channel, steward: Channel) -> None:
        self._problem = loaded.problem
        self._pool = pool
        self._steward = steward
        self._data = self._problem.instances()
        self._sandboxes: list[tuple[Kind, Sandbox]] = []

    def evaluate(self, request: dict[str, Any]) -> Verdict:
        """Return the verdict on one program.

        Raises:
            ProblemError: the problem has no such instances, or hides no future.
        """
        program = Program(request["name"], request["source"])
        mode = Mode(request["mode"])
        names = checked(request["instances"], self._data, self._problem.name)
        instances = [Instance(name, self._data[name]) for name in names]
        if mode is Mode.ALTERED:
            instances = [self._altered(instance, program) for instance in instances]
        try:
            return self._judged(program, instances, mode)
        except SandboxError as error:
            return Verdict(Status.SANDBOX_ERROR, reason=clean(str(error)), tier="")
        except ScoreError as error:
            return Verdict(Status.SANDBOX_ERROR, reason=clean(str(error)))

    def _altered(self, instance: Instance, program: Program) -> Instance:
        if not self._problem.online:
            raise ProblemError(f"problem {self._problem.name} hides no future")
        kept = foresight.cut(foresight.steps(self._problem, instance), program.id)
        return foresight.altered(self._problem, instance, kept)

    def _judged(self, program: Program, instances: list[Instance], mode: Mode) -> Verdict:
        """Return the verdict of whoever is to run the program, at last the interpreter's.

        Python is the truth: what compiled code says against a candidate, counts not.
        """
        limits = self._problem.limits_for([instance.name for instance in instances])
        again = mode in (Mode.AGAIN, Mode.ALTERED)
        if mode is not Mode.FAST:
            errand = Errand(program.name, program.source, How.EXACT, limits.longer_s)
            return self._through(errand, instances, again)[0] or _FORGED
        errand = Errand(program.name, program.source, How.TIERED, limits.wall_s)
        verdict, kernels = self._through(errand, instances, again)
        if verdict is None:
            verdict = self._compiled(replace(errand, how=How.COMPILED), instances)
        if verdict is None:
            verdict, _ = self._through(
                replace(errand, how=How.EXACT), instances, again, kernels=kernels
            )
        return verdict or _FORGED

    def _through(
        self, errand: Errand, instances: list[Instance], again: bool, *, kernels: bool = False
    ) -> tuple[Verdict | None, bool]:
        """Run an errand in the light zygote, and where kernels are needed, in the other one.

        Returns:
            The verdict, or None where the program is to be compiled; and whether there was a need
            for kernels, which `kernels` says if it is known before.
        """
        for numba in (True,) if kernels else (False, True):
            found = self._run(Kind(numba=numba, again=again), errand, instances)
            if found is not Outcome.KERNEL:
                return found if isinstance(found, Verdict) else None, numba
        return _FORGED, True

    def _compiled(self, errand: Errand, instances: list[Instance]) -> Verdict | None:
        """Return the verdict on the compiled program if it is a good one."""
        try:
            found = self._run(Kind(numba=True, again=False, compiling=True), errand, instances)
        except SandboxError:
            return None
        return found if isinstance(found, Verdict) and found.status is Status.OK else None

    def _run(self, kind: Kind, errand: Errand, instances: list[Instance]) -> Verdict | Outcome:
        """Return the verdict of a zygote, or why another one is to run the program."""
        try:
            sandbox, ended = self._attempt(kind, errand, instances)
        except SandboxError:
            # The steward ends slots for warmer ones; never the candidate's fault.
            sandbox, ended = self._attempt(kind, errand, instances)
        outcome = sandbox.area.failure()[0]
        if not ended.killed and outcome in (Outcome.KERNEL, Outcome.COMPILE):
            return outcome
        return judge(self._problem, sandbox.instances, ended, sandbox.area, errand.wall_s)

    def _attempt(
        self, kind: Kind, errand: Errand, instances: list[Instance]
    ) -> tuple[Sandbox, Ended]:
        sandbox = self._sandbox(kind, tuple(instances))
        try:
            return sandbox, sandbox.run(errand, self._pool)
        except SandboxError:
            self._let_go(sandbox)
            raise

    def _sandbox(self, kind: Kind, instances: tuple[Instance, ...]) -> Sandbox:
        """Return a slot of that kind for exactly these instances."""
        for position, (its_kind, sandbox) in enumerate(self._sandboxes):
            if its_kind == kind and sandbox.instances == instances:
                self._sandboxes.append(self._sandboxes.pop(position))
                return sandbox
        if len(self._sandboxes) >= _MOST_SANDBOXES:
            self._let_go(self._sandboxes[0][1])
        sandbox = Sandbox(self._problem, instances, kind, self._ask)
        try:
            sandbox.greet()
        except BaseException:
            sandbox.close()
            raise
        self._sandboxes.append((kind, sandbox))
        return sandbox

    def _ask(self, kind: Kind, visible: list[dict[str, Any]], descriptors: list[int]) -> None:
        self._steward.send({**vars(kind), "instances": visible}, descriptors=descriptors)

    def _let_go(self, sandbox: Sandbox) -> None:
        sandbox.close()
        self._sandboxes = [each for each in self._sandboxes if each[1] is not sandbox]


def serve(loaded: Loaded, pool: Channel, steward: Channel, lifeline: int) -> None:
    """Serve the pool until it closes its end.

    Says `ready` first. Then each `evaluate` is answered by a verdict, or by `fault` where it asks
    for what the problem has not; a `cancel` meanwhile ends the candidate early.

    Args:
        loaded: the problem.
        pool: our end of the channel to the pool.
        steward: our end of the channel to the steward.
        lifeline: reading end of a pipe; this process ends when the other end is closed.

    Raises:
        Closed: the pool or the steward is gone.
    """
    with processes.ending_with(lifeline):
        worker = _Worker(loaded, pool, steward)
        pool.send({"ready": True})
        while True:
            request, _ = pool.receive()
            if request.get("do") != "evaluate":
                continue
            try:
                pool.send(*pack_verdict(worker.evaluate(request)))
            except ProblemError as error:
                pool.send({"fault": str(error)})
