"""The zygote: a fresh, warmed-up process of one thread, from which candidates' children are forked.

It is started by a worker, never loads numba, and knows of the instances only what `visible` lets
into the sandbox. For another tuple of instances there is another zygote, so that no child holds in
memory what an earlier request was about.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import os
import signal
import socket
import sys
import warnings
from pathlib import Path

from evaluators.channel import Channel, Closed
from evaluators.vocabulary import IMPORTABLE

# fmt: off
_PRELOADED = IMPORTABLE | {
    "abc", "array", "datetime", "decimal", "encodings.idna", "linecache", "numbers", "numpy.fft",
    "numpy.ma", "numpy.polynomial", "numpy.random", "re", "time", "traceback", "types",
    "unicodedata", "warnings",
}
# fmt: on
"""All that can be imported in a child, which can open no file: what candidates are promised, and
what Python and numpy load late for their own use."""

_ABSENT = ("numba", "llvmlite")
"""Never loaded in a zygote: they cost every fork more than all the rest."""


def _prepare() -> None:
    """Load all that a candidate may import, and nothing that it must not."""
    for module in _ABSENT:
        sys.modules[module] = None  # type: ignore[assignment]
    for module in sorted(_PRELOADED):
        importlib.import_module(module)
    warnings.simplefilter("ignore")
    # If the machine runs out of memory, a candidate goes first.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _register_nothing(**_: object) -> None:
    """Stand in for `os.register_at_fork`."""


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
    np.random.seed(0)
    gc.collect()
    gc.freeze()
    gc.disable()


def main() -> None:
    """Serve the worker on standard input until it closes its end.

    The first message names the problem, the digest of its file, and the instances. The answer is
    `ready`, or `fault` with the reason. Then each `run` is answered by how its child ended; a
    `cancel` while it runs ends it early, at any other time it comes too late and is dropped.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Modules register what repairs the locks of other threads in a child. There are none, and the
    # repair alone costs a child a hundred page faults; so this comes before they are loaded.
    os.register_at_fork = _register_nothing
    from evaluators import processes
    from evaluators.forking import Forker

    channel = Channel(socket.socket(fileno=0))
    try:
        start, _ = channel.receive()
        with processes.ending_with(channel.fileno()):
            try:
                processes.become_subreaper()
                _prepare()
                forker = Forker(channel, start, int(sys.argv[2]))
                forker.warm_up()
                _close_door()
            except Exception as error:
                channel.send({"fault": f"{type(error).__name__}: {error}"})
                return
        channel.send({"ready": True})
        while True:
            request, _ = channel.receive()
            if request.get("do") == "run":
                ended = forker.attempt(request["name"], request["source"], exact=request["exact"])
                channel.send(vars(ended))
    except Closed:
        return
