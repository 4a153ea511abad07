"""The base of all zygotes of one kind: a fresh process that loads, warms up, and forks nests.

For another tuple of instances there is another nest, so that no child holds in memory what an
earlier request was about.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def _register_nothing(**_: object) -> None:
    """Stand in for `os.register_at_fork`."""


# Modules register what repairs the locks of other threads in a child. There are none, and the
# repair alone costs a child a hundred page faults; so this comes before they are loaded.
os.register_at_fork = _register_nothing

from evaluators.channel import Channel, Closed  # noqa: E402
from evaluators.confine import linux, namespaces, seccomp  # noqa: E402
from evaluators.containment import Layer  # noqa: E402
from evaluators.vocabulary import IMPORTABLE  # noqa: E402

# fmt: off
_PRELOADED = IMPORTABLE | {
    "abc", "array", "datetime", "decimal", "encodings.idna", "linecache", "numbers", "numpy.fft",
    "numpy.ma", "numpy.polynomial", "numpy.random", "re", "time", "traceback", "types",
    "unicodedata", "warnings",
}
# fmt: on
"""All that can be imported in a child, which can open no file: what candidates are promised, and
what Python and numpy load late for their own use."""

_NUMBA = ("numba", "llvmlite")
"""Never loaded in a light base: they cost every fork more than all the rest."""


def _prepare(*, numba: bool) -> None:
    """Load all that a candidate may import, and nothing that it must not."""
    if not numba:
        for module in _NUMBA:
            sys.modules[module] = None  # type: ignore[assignment]
    for module in sorted(_PRELOADED):
        importlib.import_module(module)
    importlib.import_module("warnings").simplefilter("ignore")
    # If the machine runs out of memory, a candidate goes first.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _load_compiler() -> None:
    """Load numba with all that it loads late: a child that compiles can open no file."""
    import numba
    import numpy as np

    @numba.njit(boundscheck=True, error_model="python")
    def anything(row: Any, numbers: Any) -> Any:
        total = 0.0
        for number in numbers:
            total += number * row[0]
        return np.sqrt(numbers) + total

    anything((1, 2), np.ones(2))


def _launch(channel: socket.socket) -> Layer:
    """Enter namespaces of our own; return, in a process that is in them, which they are.

    The process that was started stays outside as the launcher: it only waits, and the kernel ends
    all that is inside when one of the two ends.
    """
    layer = namespaces.enter()
    if not _apart():
        return layer
    pid = os.fork()
    if pid:
        linux.name("fs-launcher")
        channel.close()
        os.closerange(0, 3)
        _, status = os.waitpid(pid, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    # The launcher has no number in here.
    linux.die_with_parent(os.getppid())
    return layer


_SPACES = Path("/proc/self/ns")


def _apart() -> bool:
    """Whether what this process forks has a process table of its own."""
    try:
        return _SPACES.joinpath("pid_for_children").readlink() != _SPACES.joinpath("pid").readlink()
    except FileNotFoundError:
        return True  # a table that nobody is in yet has no name


def _warm_up() -> Iterator[str]:
    """Yield after each step of the warm-up that may go on in the background."""
    from evaluators import compiled_tier

    yield from compiled_tier.warm_up()


def _serve(channel: Channel, start: dict[str, Any], layer: Layer, *, unsafe: bool) -> None:
    """Fork a nest for each request, and warm up meanwhile."""
    import select

    from evaluators.processes import exiting
    from evaluators.zygote import nest
    from evaluators.zygote.inherited import Surroundings
    from problems import registry

    numba = start["numba"] is True
    _prepare(numba=numba)
    if numba:
        os.environ.update(start["cache"])
        _load_compiler()
    loaded = registry.load(start["problem"])
    reason = "" if unsafe else seccomp.available()
    # Nests are not waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    surroundings = Surroundings(layer, reason, numba=numba, unsafe=unsafe)
    gc.collect()
    gc.freeze()
    channel.send({"ready": True, "digest": loaded.digest})
    # Nothing is warmed up before somebody wants to compile.
    steps: Iterator[str] | None = None
    warm = False
    while True:
        if steps and not warm and not select.select([channel], [], [], 0)[0]:
            warm = next(steps, None) is None
            if warm:
                gc.collect()
                gc.freeze()
                channel.send({"warm": True})
            continue
        request, descriptors = channel.receive_with_descriptors(2)
        if request["compiling"]:
            steps = steps or _warm_up()
        parent = os.getpid()
        if os.fork() == 0:
            channel.close()
            with exiting():
                linux.die_with_parent(parent)
                linux.name("fs-nest")
                nest.serve(loaded.problem, request, descriptors, surroundings)
        for descriptor in descriptors:
            os.close(descriptor)


def main() -> None:
    """Serve the steward on standard input until it closes its end.

    Arguments: the steward's process id, and `unsafe` or `safe`. The first message says which
    problem, and whether numba is to be loaded. The answer is `ready` with the digest of the
    problem's file, or `fault` with the reason. Then each message asks for a nest; it comes with
    the nest's end of a channel and the memory for what the seed builds.
    """
    parent, unsafe = int(sys.argv[2]), sys.argv[3] == "unsafe"
    linux.die_with_parent(parent)
    linux.name("fs-base")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end = socket.socket(fileno=0)
    layer = Layer("namespaces", False, "") if unsafe else _launch(end)
    channel = Channel(end)
    with contextlib.suppress(Closed):
        start, _ = channel.receive()
        try:
            _serve(channel, start, layer, unsafe=unsafe)
        except Exception as error:
            channel.send({"fault": f"{type(error).__name__}: {error}"})
