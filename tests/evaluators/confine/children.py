"""Forks children that confine themselves, try something, and end by telling how it went."""

from __future__ import annotations

import errno
import os
import signal
import warnings
from collections.abc import Callable

from evaluators.confine import linux, seccomp
from evaluators.confine.bpf import Policy

_UNEXPECTED = 255


def fork(body: Callable[[], object]) -> int:
    """Return the wait status of a child that runs a body.

    Its exit code is 0, the number of the OSError that was raised, or 255.
    """
    with warnings.catch_warnings():
        # From Python 3.12 on, for threads that libraries may have started; these children use none.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        code = _UNEXPECTED
        try:
            body()
            code = 0
        except OSError as error:
            code = error.errno or _UNEXPECTED
        finally:
            os._exit(code)
    return os.waitpid(pid, 0)[1]


def outcome(body: Callable[[], object]) -> str:
    """Return how a child ended: `returned`, `EACCES`, `SIGSYS`, or `raised`."""
    status = fork(body)
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status)).name
    code = os.WEXITSTATUS(status)
    return {0: "returned", _UNEXPECTED: "raised"}.get(code) or errno.errorcode[code]


def under(policy: Policy, body: Callable[[], object]) -> Callable[[], None]:
    """Return a body that locks itself first."""
    program = seccomp.program(policy)

    def locked() -> None:
        linux.no_new_privs()
        os.closerange(0, 1024)
        seccomp.install(program)
        body()

    return locked
