"""Filters of system calls: made for this machine, installed for good, and tried out."""

from __future__ import annotations

import ctypes
import functools
import os
import signal

from evaluators.confine import linux, policies
from evaluators.confine.bpf import INSTRUCTION_BYTES, Policy, assemble
from evaluators.confine.syscalls import here

_SET_MODE_FILTER = 1


class _Program(ctypes.Structure):
    """`struct sock_fprog` of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


@functools.cache
def program(policy: Policy) -> bytes:
    """Return the policy's program for this machine.

    Raises:
        OSError: programs for this machine are not known.
    """
    return assemble(policy, here())


def install(program: bytes) -> None:
    """Filter this process's calls, and those of all it starts, from now on; see `program`.

    Raises:
        OSError: the system refused, for example since `linux.no_new_privs` was not called.
    """
    filter_ = _Program(len(program) // INSTRUCTION_BYTES, program)
    linux.syscall("seccomp", _SET_MODE_FILTER, 0, ctypes.byref(filter_))


def available() -> str:
    """Return an empty text if filters work here, or why they do not.

    A child is forked to try it, so the process must be of one thread.
    """
    try:
        filter_ = program(policies.CHILD)
    except OSError as error:
        return str(error.strerror)
    pid = os.fork()
    if pid == 0:
        code = 255
        try:
            linux.no_new_privs()
            install(filter_)
            linux.syscall("ptrace", 0, 0, 0, 0)
        except OSError as error:
            code = error.errno or 255
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGSYS:
        return ""
    if os.WIFSIGNALED(status):
        return f"a filtered child was ended by signal {os.WTERMSIG(status)}"
    code = os.WEXITSTATUS(status)
    return "a filter has no effect" if code in (0, 255) else f"seccomp: {os.strerror(code)}"
