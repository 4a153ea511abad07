"""The few calls of Linux that Python has no function for, with errors raised as OSError."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from evaluators.confine.syscalls import here

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_PR_SET_NO_NEW_PRIVS = 38

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def syscall(name: str, *arguments: object) -> int:
    """Call the system by the name of a call, and return its result.

    Args:
        name: one of `evaluators.confine.syscalls.NAMES`.
        arguments: integers, bytes, or what `ctypes` passes by address.

    Raises:
        OSError: the system refused, or this machine has no such call.
    """
    return syscall_number(name, here().numbers[name], *arguments)


def syscall_number(name: str, number: int, *arguments: object) -> int:
    """Call the system by number; `name` is for the error. See `syscall`."""
    # A bare int would be passed as 32 bits, with anything in the upper half of the register.
    passed = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    result: int = _libc.syscall(ctypes.c_long(number), *passed)
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


@contextmanager
def naming(what: str) -> Iterator[None]:
    """Have what is refused inside say what it was: `unshare net: Operation not permitted`."""
    try:
        yield
    except OSError as error:
        code = error.errno or 0
        raise OSError(code, f"{what}: {os.strerror(code)}") from None


def prctl(option: int, *arguments: int) -> int:
    """Call `prctl`, absent arguments being zero, and return its result.

    Raises:
        OSError: the system refused.
    """
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return syscall("prctl", option, *padded)


def name(text: str) -> None:
    """Give this process a name of at most 15 characters, for who looks at the process table."""
    syscall("prctl", _PR_SET_NAME, text.encode(), 0, 0, 0)


def no_new_privs() -> None:
    """Let no later call gain privileges, which landlock and filters require.

    Raises:
        OSError: the system refused.
    """
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent ends.

    It follows the thread that forked, so the parent must be of one thread; and a change of user
    undoes it, so it comes after that.

    Args:
        parent: its process id as seen from here: 0 if it is outside of this process's namespace.
            If it is gone already, this process ends at once.

    Raises:
        OSError: the system refused.
    """
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
