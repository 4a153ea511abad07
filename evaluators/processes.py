"""Linux processes: started with an empty environment, and ended with all that they started."""

from __future__ import annotations

import ctypes
import fcntl
import os
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from evaluators.channel import Closed

ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "LC_ALL": "C.UTF-8",
}
"""The whole environment of a zygote."""
CACHE_VARIABLES = ("HOME", "XDG_CACHE_HOME")
"""They say where the user's cache of compiled kernels is."""

_ROOT = str(Path(__file__).parents[1])
# `-P` keeps the working folder and PYTHONPATH's neighbours out, so a checkout that is not
# installed is found only if we say where it is.
_BOOT = """\
import sys
import traceback
if sys.argv[1] not in sys.path:
    sys.path.insert(0, sys.argv[1])
from {module} import main
main()
"""

_PR_SET_CHILD_SUBREAPER = 36


def own_variables(*names: str) -> dict[str, str]:
    """Return those of the named environment variables that this process has."""
    return {name: os.environ[name] for name in names if name in os.environ}


_AGAIN_S = 0.02
"""After which a limit that came at a bad time is tried again."""


class TooSlow(BaseException):
    """A time limit is over; not an Exception, so that no seed or score catches it by accident."""


def start(
    module: str,
    *,
    channel: int,
    environment: Mapping[str, str],
    arguments: Sequence[str] = (),
    pass_fds: Sequence[int] = (),
    stderr: IO[bytes] | int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a fresh interpreter that calls `main` of a module of this project.

    Args:
        module: dotted name.
        channel: descriptor that becomes its standard input.
        environment: all of its environment.
        arguments: `sys.argv[2:]`.
        pass_fds: further descriptors it inherits, under the same numbers.
        stderr: as for `subprocess.Popen`.

    Returns:
        The process, in a session of its own: a terminal's Ctrl-C does not reach it.
    """
    return subprocess.Popen(
        [sys.executable, "-P", "-s", "-c", _BOOT.format(module=module), _ROOT, *arguments],
        stdin=channel,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        env=dict(environment),
        cwd="/",
        pass_fds=pass_fds,
        start_new_session=True,
    )


@contextmanager
def ending_with(descriptor: int) -> Iterator[None]:
    """End this process when the other end of a pipe or socket closes, whatever code is running.

    For stretches of code that cannot look: numba's kernels hold the interpreter as long as they
    like. The system sends SIGIO, whose default is to terminate, when the descriptor has anything
    to read, so nothing else may be sent there meanwhile. (A parent-death signal would follow the
    thread that started this process, and threads end early.)
    """
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_ASYNC)
    try:
        # What happened before the flag was set sends no signal.
        if select.select([descriptor], [], [], 0)[0]:
            signal.raise_signal(signal.SIGIO)
        yield
    finally:
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags)


@contextmanager
def time_limit(seconds: float, busy: Callable[[], bool]) -> Iterator[None]:
    """Raise TooSlow in the block when it has taken so long, as soon as Python is in control.

    Main thread only, one at a time: it uses the process's alarm.

    Args:
        seconds: how long the block may take.
        busy: whether the block is at something now that must not be interrupted.
    """

    def give_up(*_: object) -> None:
        if not busy():
            raise TooSlow
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)

    signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


@contextmanager
def exiting() -> Iterator[None]:
    """End this forked process with its block, without a way back into the code that forked it."""
    code = 1
    try:
        yield
        code = 0
    except Closed:
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def become_subreaper() -> None:
    """Make orphans among this process's descendants its children, whatever session they are in."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def end_children() -> None:
    """Kill and reap every child of this process, and what becomes its child when those die.

    A subreaper only. Descendants that fork faster than they are killed can keep this busy; only a
    limit on processes, or a namespace, ends that.
    """
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            for child in _children():
                os.kill(child, signal.SIGKILL)
            os.waitpid(-1, 0)


def _children() -> list[int]:
    """Return the children of this process that are not reaped yet."""
    own = str(os.getpid())
    found: list[int] = []
    for entry in os.scandir("/proc"):
        if not entry.name.isdecimal():
            continue
        try:
            text = Path(entry.path, "stat").read_text(errors="replace")
        except OSError:
            continue
        # The command's name in parentheses may hold anything; state and parent follow it.
        if text.rpartition(")")[2].split()[1] == own:
            found.append(int(entry.name))
    return found
