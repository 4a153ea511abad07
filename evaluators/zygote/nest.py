"""A nest: the base with one tuple of instances, warmed up by the seed; it forks slots."""

from __future__ import annotations

import ast
import contextlib
import gc
import inspect
import io
import os
import socket
import sys
from typing import Any, NoReturn

from evaluators import compiled_tier
from evaluators.area import Area, Layout
from evaluators.array_tier.columns import Columns
from evaluators.candidate import Preparing
from evaluators.channel import Channel
from evaluators.confine import linux
from evaluators.elsewhere import KernelNeeded
from evaluators.locality import elementwise
from evaluators.parser import Refused
from evaluators.processes import TooSlow, exiting, time_limit
from evaluators.program import read
from evaluators.zygote import slot
from evaluators.zygote.inherited import Surroundings, Warm
from evaluators.zygote.stripping import strip
from problems import kernels
from problems.contract import Instance, Problem

_WARM_UP_S = 0.7
"""How long the seed may run in the warm-up: the first verdict waits for it."""
_COMPILE_S = 30.0
"""The same where kernels are compiled meanwhile."""


def serve(
    problem: Problem,
    request: dict[str, Any],
    descriptors: list[int],
    surroundings: Surroundings,
) -> None:
    """Warm up and fork a slot for each message, until the steward closes the channel.

    A message without descriptors, the last one, lets the slots that are there live until their
    workers have no more need of them.

    Args:
        problem: the problem.
        request: names and visible data of the instances.
        descriptors: our end of the channel, then the memory for what the seed builds.
        surroundings: of the base.

    Raises:
        Closed: the steward is gone.
    """
    channel = Channel(socket.socket(fileno=descriptors[0]))
    try:
        warm, wants_kernel = _warm_up(problem, request, descriptors[1], surroundings)
    except Exception as error:
        channel.send({"fault": f"{type(error).__name__}: {error}"})
        return
    strip(problem)
    _close_door()
    channel.send({"ready": True, "kernels": wants_kernel})
    while True:
        _, descriptors = channel.receive_with_descriptors(2)
        if not descriptors:
            break
        theirs, memory = descriptors
        parent = os.getpid()
        if os.fork() == 0:
            channel.close()
            with exiting():
                linux.die_with_parent(parent)
                linux.name("fs-slot")
                slot.serve(warm, theirs, memory, parent)
        os.close(theirs)
        os.close(memory)
    # They die with this process. None is reaped one by one (`base`), so this waits for all.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(-1, 0)


def _warm_up(
    problem: Problem, request: dict[str, Any], memory: int, surroundings: Surroundings
) -> tuple[Warm, bool]:
    """Run the seed through `construct`, so that children inherit what that caches.

    A seed that fails or does not end says so when it is evaluated.

    Returns:
        What slots inherit, and whether there was a need for a kernel that is not here.
    """
    instances = tuple(Instance(each["name"], each["data"]) for each in request["instances"])
    layout = Layout(problem.certificate, len(instances))
    area = Area.of(memory, layout)
    os.close(memory)
    columns = Columns()
    if not surroundings.numba:
        kernels.answer_calls_with(_kernel_needed)
    wants_kernel = False
    calls: dict[str, int] = {}
    # The short way first: it is the one that kernels are compiled for.
    for short in (True, False) if _elementwise(problem) else (False,):
        limit_s = _COMPILE_S if surroundings.numba and short else _WARM_UP_S
        with contextlib.suppress(TooSlow), time_limit(limit_s, kernels.running):
            for index, instance in enumerate(instances):
                seed = Preparing(problem.evolve, columns, elementwise=short)
                try:
                    with contextlib.suppress(Exception):
                        area.put(index, problem.construct(seed, instance))
                        calls[instance.name] = seed.calls
                except KernelNeeded:
                    wants_kernel = True
                    break
    expected = round(sum(calls.values()) / max(1, len(calls)) * len(instances))
    profile = None
    if surroundings.numba:
        if request["compiling"]:
            profile = compiled_tier.prepare(problem, instances)
        kernels.keep_in_memory()
    return Warm(problem, instances, columns, expected, profile, surroundings), wants_kernel


def _elementwise(problem: Problem) -> bool:
    """Whether the seed is recognised as elementwise."""
    try:
        seed = read(inspect.getsource(problem.evolve), problem.evolve.__name__)
    except (OSError, TypeError, Refused):
        return False
    return elementwise(ast.parse(seed.source), seed.name)


def _kernel_needed() -> NoReturn:
    raise KernelNeeded


class _Nowhere(io.TextIOBase):
    """A standard output that takes everything and keeps nothing."""

    def write(self, text: str, /) -> int:
        return len(text)


def _close_door() -> None:
    """Take away what a candidate could look at, and settle memory for forking."""
    import numpy as np

    os.environ.clear()
    sys.argv[:] = [""]
    sys.orig_argv[:] = [""]
    sys.stdin = sys.__stdin__ = None  # type: ignore[assignment,misc]
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = _Nowhere()  # type: ignore[assignment,misc]
    # An import that would have to look for a file fails with a plain line at once.
    sys.meta_path.clear()
    # numba asks for it when it words an error, and a child is told nothing.
    os.getcwd = lambda: "/"
    np.random.seed(0)
    gc.collect()
    gc.freeze()
    gc.disable()
