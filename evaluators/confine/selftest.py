"""Attempts that must fail in a fully locked child, made for real before any candidate runs.

Each is refused by an error of the kernel's filter, or by the child's death by SIGSYS. Any other
error means that the kernel looked at the call, so it counts as a leak.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import signal
import struct
from collections.abc import Callable
from dataclasses import dataclass

from evaluators.confine import linux
from evaluators.confine.syscalls import X86_64, here

_REFUSALS = (errno.EPERM, errno.EACCES, errno.ENOSYS)
_TEXT_BYTES = 256
_DESCRIPTORS = 256
"""As many numbers are tried; a slot's own stay far below."""

_AT_FDCWD = -100
_AF_UNIX, _AF_INET, _SOCK_STREAM = 1, 2, 1
_CLONE_NEWUSER = 0x1000_0000
_PTRACE_SEIZE = 0x4206
"""Unlike an attachment, it does not stop the parent where it succeeds."""
_RLIMIT_NOFILE = 7
_PR_SET_SECCOMP = 22
_MAP_PRIVATE, _MAP_ANONYMOUS = 2, 0x20
_PROT_READ, _PROT_WRITE, _PROT_EXEC = 1, 2, 4
_X32 = 0x4000_0000

_GETPID_OF_32_BITS = bytes.fromhex("b814000000 cd80 c3")
"""mov eax, 20; int 0x80; ret."""


@dataclass(frozen=True)
class _Surroundings:
    """What an attempt may have to know; a locked child can no longer ask.

    Attributes:
        parent: the process id of the child's parent.
        code: an executable page with `_GETPID_OF_32_BITS`, or None.
    """

    parent: int
    code: mmap.mmap | None


@dataclass(frozen=True)
class Attempt:
    """One thing that must not succeed.

    Attributes:
        name: the promise that its failure keeps.
        make: returns None if it was refused, else what it got. An OSError of a filter is a
            refusal too.
        compiled_too: whether it must fail also where candidates are compiled.
    """

    name: str
    make: Callable[[_Surroundings], str | None]
    compiled_too: bool = True


def _calls(name: str, *arguments: object) -> Callable[[_Surroundings], str]:
    """Return an attempt to make one call, whose arguments would be good ones."""

    def make(_: _Surroundings) -> str:
        return f"{name} returned {linux.syscall(name, *arguments)}"

    return make


def _calls_on_parent(name: str, *arguments: int) -> Callable[[_Surroundings], str]:
    """Return an attempt to make one call whose first argument is the parent's process id."""

    def make(around: _Surroundings) -> str:
        return f"{name} returned {linux.syscall(name, around.parent, *arguments)}"

    return make


def _trace_parent(around: _Surroundings) -> str:
    return f"ptrace returned {linux.syscall('ptrace', _PTRACE_SEIZE, around.parent, 0, 0)}"


def _fork(_: _Surroundings) -> str:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return f"started process {pid}"


def _stat(_: _Surroundings) -> str:
    return f"the root folder is inode {os.stat('/').st_ino}"  # noqa: PTH116


def _execute(_: _Surroundings) -> str:
    os.execv("/proc/self/exe", ["python", "-c", ""])  # noqa: S606
    return "execv returned"


def _map_executable(_: _Surroundings) -> str:
    protection = _PROT_READ | _PROT_WRITE | _PROT_EXEC
    linux.syscall("mmap", 0, mmap.PAGESIZE, protection, _MAP_PRIVATE | _MAP_ANONYMOUS, -1, 0)
    return "got executable memory"


def _make_executable(_: _Surroundings) -> str:
    address = linux.syscall(
        "mmap", 0, mmap.PAGESIZE, _PROT_READ | _PROT_WRITE, _MAP_PRIVATE | _MAP_ANONYMOUS, -1, 0
    )
    linux.syscall("mprotect", address, mmap.PAGESIZE, _PROT_READ | _PROT_EXEC)
    return "made memory executable"


def _use_32_bit_entry(around: _Surroundings) -> str | None:
    if around.code is None:
        return None
    address = ctypes.addressof(ctypes.c_char.from_buffer(around.code))
    return f"getpid returned {ctypes.CFUNCTYPE(ctypes.c_int)(address)()}"


def _use_x32_entry(_: _Surroundings) -> str | None:
    if here() is not X86_64:
        return None
    number = X86_64.numbers["getpid"] | _X32
    return f"getpid returned {linux.syscall_number('getpid', number)}"


def _find_descriptor(_: _Surroundings) -> str | None:
    """Map each, which looks at the descriptor: the other calls on descriptors are all refused."""
    for descriptor in range(_DESCRIPTORS):
        try:
            linux.syscall("mmap", 0, mmap.PAGESIZE, _PROT_READ, _MAP_PRIVATE, descriptor, 0)
        except OSError as error:
            if error.errno == errno.EBADF:
                continue
        return f"descriptor {descriptor} is open"
    return None


def _find_environment(_: _Surroundings) -> str | None:
    variables = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
    names = [*os.environ]
    if variables and variables[0] is not None:
        names.append(variables[0].decode(errors="replace").partition("=")[0])
    return f"the variable {names[0]} is set" if names else None


ATTEMPTS = (
    Attempt("cannot_open_a_file", _calls("openat", _AT_FDCWD, b"/", 0, 0)),
    Attempt("cannot_stat_a_file", _stat),
    Attempt("cannot_write", _calls("write", 1, b"", 0)),
    Attempt("cannot_open_a_socket", _calls("socket", _AF_INET, _SOCK_STREAM, 0)),
    Attempt("cannot_open_a_local_socket", _calls("socket", _AF_UNIX, _SOCK_STREAM, 0)),
    Attempt("cannot_fork", _fork),
    Attempt("cannot_execute_a_program", _execute),
    Attempt("cannot_map_executable_memory", _map_executable, compiled_too=False),
    Attempt("cannot_make_memory_executable", _make_executable, compiled_too=False),
    Attempt("cannot_signal_its_parent", _calls_on_parent("kill", 0)),
    Attempt("cannot_trace_its_parent", _trace_parent),
    Attempt("cannot_read_its_parent", _calls_on_parent("process_vm_readv", 0, 0, 0, 0, 0)),
    Attempt(
        "cannot_raise_its_limits",
        _calls("prlimit64", 0, _RLIMIT_NOFILE, struct.pack("=QQ", 64, 64), 0),
    ),
    Attempt("cannot_enter_a_namespace", _calls("unshare", _CLONE_NEWUSER)),
    Attempt("cannot_make_a_memory_file", _calls("memfd_create", b"", 0)),
    Attempt("cannot_reach_io_uring", _calls("io_uring_setup", 1, bytes(120))),
    Attempt("cannot_load_bpf", _calls("bpf", 0, bytes(64), 64)),
    Attempt("cannot_undo_the_filter", _calls("prctl", _PR_SET_SECCOMP, 0, 0, 0, 0)),
    Attempt("cannot_use_the_32_bit_entry", _use_32_bit_entry),
    Attempt("cannot_use_the_x32_entry", _use_x32_entry),
    Attempt("has_no_descriptor", _find_descriptor),
    Attempt("sees_no_environment", _find_environment),
)


def run(
    fork_locked: Callable[[Callable[[], None]], int], *, compiling: bool = False
) -> dict[str, str]:
    """Make every attempt in a locked child of its own.

    Args:
        fork_locked: forks a child, locks it, has it call the function, exit with code 0 if that
            returns, and returns its wait status.
        compiling: whether the children are locked as compiling candidates.

    Returns:
        Name → an empty text if the attempt was refused, else what leaked.
    """
    report = mmap.mmap(-1, _TEXT_BYTES)
    code = _code()
    around = _Surroundings(os.getpid(), code)
    try:
        return {
            each.name: _outcome(each, around, report, fork_locked)
            for each in ATTEMPTS
            if each.compiled_too or not compiling
        }
    finally:
        report.close()
        if code is not None:
            code.close()


def _outcome(
    attempt: Attempt,
    around: _Surroundings,
    report: mmap.mmap,
    fork_locked: Callable[[Callable[[], None]], int],
) -> str:
    def write(text: str) -> None:
        report[:] = text.encode()[:_TEXT_BYTES].ljust(_TEXT_BYTES, b"\0")

    def body() -> None:
        try:
            got = attempt.make(around)
        except OSError as error:
            got = None if error.errno in _REFUSALS else f"not filtered: {error.strerror}"
        write(got or "")

    # What stays if the child never comes back from the attempt, as from running a program.
    write("it did not come back")
    status = fork_locked(body)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGSYS:
        return ""
    if status != 0:
        return f"ended with wait status {status}"
    return bytes(report).rstrip(b"\0").decode(errors="replace")


def _code() -> mmap.mmap | None:
    """Return executable memory, made before the lock forbids it; None where it is of no use."""
    if here() is not X86_64:
        return None
    try:
        page = mmap.mmap(
            -1,
            mmap.PAGESIZE,
            flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS,
            prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC,
        )
    except OSError:
        return None
    page[: len(_GETPID_OF_32_BITS)] = _GETPID_OF_32_BITS
    return page
