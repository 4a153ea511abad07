"""Real children under each policy: what computes goes on, what reaches out is refused or killed."""

from __future__ import annotations

import importlib
import mmap
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pytest

from evaluators.confine import linux, policies, seccomp
from evaluators.confine.bpf import Policy
from tests.evaluators.confine.children import outcome, under

if reason := seccomp.available():
    pytest.skip(f"no filters on this machine: {reason}", allow_module_level=True)

both = pytest.mark.parametrize(
    "policy", [policies.CHILD, policies.COMPILING], ids=["child", "compiling"]
)
PRIVATE = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
READ_WRITE = mmap.PROT_READ | mmap.PROT_WRITE


def call(name: str, *arguments: object) -> Callable[[], object]:
    return lambda: linux.syscall(name, *arguments)


REFUSED = {
    "open": lambda: os.open("/", os.O_RDONLY),
    "stat": lambda: os.stat("/"),  # noqa: PTH116
    "listdir": lambda: os.listdir("/"),  # noqa: PTH208
    "getcwd": os.getcwd,
    "write": lambda: os.write(1, b"x"),
    "read": lambda: os.read(0, 1),
    "isatty": call("ioctl", 0, 0x5401, bytes(64)),
    "uname": os.uname,
    "unlink": lambda: os.unlink("/nothing"),  # noqa: PTH108
}


@both
@pytest.mark.parametrize("attempt", REFUSED.values(), ids=REFUSED)
def test_files_are_denied_as_a_library_expects(
    policy: Policy, attempt: Callable[[], object]
) -> None:
    assert outcome(under(policy, attempt)) == "EACCES"


KILLED = {
    "socket": call("socket", 2, 1, 0),
    "connect": call("connect", 0, bytes(16), 16),
    "send": call("sendto", 0, b"x", 1, 0, 0, 0),
    "fork": os.fork,
    "thread": call("clone", 0x100 | 0x10000 | 0x800, 0, 0, 0, 0),
    "execute": lambda: os.execv("/proc/self/exe", ["python"]),
    "trace": call("ptrace", 0, 0, 0, 0),
    "read another process": call("process_vm_readv", 1, 0, 0, 0, 0, 0),
    "signal": lambda: os.kill(os.getpid(), 0),
    "prctl": call("prctl", 3, 0, 0, 0, 0),
    "limits": call("prlimit64", 0, 7, 0, bytes(16)),
    "filter": call("seccomp", 0, 0, 0),
    "namespace": call("unshare", 0),
    "mount": call("mount", 0, b"/", 0, 0, 0),
    "io_uring": call("io_uring_setup", 1, bytes(120)),
    "bpf": call("bpf", 0, 0, 0),
    "perf": call("perf_event_open", 0, 0, 0, 0, 0),
    "page faults": call("userfaultfd", 0),
    "keys": call("keyctl", 0, 0, 0, 0, 0),
    "memory file": call("memfd_create", b"", 0),
    "pidfd": call("pidfd_open", 1, 0),
    "personality": call("personality", 0xFFFF_FFFF),
    "user": call("setuid", 0),
}


@both
@pytest.mark.parametrize("attempt", KILLED.values(), ids=KILLED)
def test_hostile_call_is_killed(policy: Policy, attempt: Callable[[], object]) -> None:
    assert outcome(under(policy, attempt)) == "SIGSYS"


@both
def test_unknown_call_is_refused_and_survived(policy: Policy) -> None:
    attempt = under(policy, lambda: linux.syscall_number("unheard_of", 599))
    assert outcome(attempt) == "EPERM"


@both
def test_new_clone_does_not_exist(policy: Policy) -> None:
    assert outcome(under(policy, call("clone3", bytes(64), 64))) == "ENOSYS"


@both
def test_abort_is_a_crash_and_not_a_forbidden_call(policy: Policy) -> None:
    assert outcome(under(policy, os.abort)) in ("SIGSEGV", "SIGTRAP", "SIGILL")


def _map(protection: int) -> int:
    return linux.syscall("mmap", 0, mmap.PAGESIZE, protection, PRIVATE, -1, 0)


def _make_executable() -> None:
    linux.syscall("mprotect", _map(READ_WRITE), mmap.PAGESIZE, mmap.PROT_READ | mmap.PROT_EXEC)


MACHINE_CODE = {
    "map": lambda: _map(READ_WRITE | mmap.PROT_EXEC),
    "map without reading": lambda: _map(mmap.PROT_EXEC),
    "protect": _make_executable,
}


@pytest.mark.parametrize("attempt", MACHINE_CODE.values(), ids=MACHINE_CODE)
def test_machine_code_is_for_compiling_children_only(attempt: Callable[[], object]) -> None:
    assert outcome(under(policies.CHILD, attempt)) == "SIGSYS"
    assert outcome(under(policies.COMPILING, attempt)) == "returned"


def _compute() -> None:
    generator = np.random.default_rng(1)
    matrix = generator.random((60, 60))
    assert np.allclose(np.linalg.solve(matrix, matrix @ np.ones(60)), np.ones(60))
    assert np.sort(generator.permutation(100_000))[-1] == 99_999
    assert np.fft.ifft(np.fft.fft(matrix[0])).shape == (60,)


def _allocate() -> None:
    large = np.ones(32 << 20)
    assert large.sum() == 32 << 20
    del large
    assert len([bytes(1000) for _ in range(100_000)]) == 100_000


def _fail_and_go_on() -> None:
    with pytest.raises(RecursionError):
        _recurse(0)
    with pytest.raises(KeyError, match="missing"):
        {}["missing"]
    with pytest.raises(MemoryError):
        np.ones(1 << 50)


def _recurse(depth: int) -> int:
    return _recurse(depth + 1) + 1


def _use_time_and_chance() -> None:
    before = time.monotonic(), time.time(), time.process_time(), time.perf_counter()
    time.sleep(0)
    linux.syscall("clock_nanosleep", 1, 0, bytes(16), 0)
    assert time.monotonic() >= before[0]
    assert random.Random().random() < 1
    assert len(os.urandom(8)) == 8
    assert os.getpid() > 0


def _handle_a_signal() -> None:
    signal.signal(signal.SIGFPE, signal.SIG_IGN)
    assert signal.getsignal(signal.SIGFPE) is signal.SIG_IGN


def _let_go_of_memory() -> None:
    with mmap.mmap(-1, 1 << 20) as memory:
        memory.madvise(mmap.MADV_DONTNEED)
        memory.resize(1 << 21)


@both
@pytest.mark.parametrize(
    "work",
    [
        _compute,
        _allocate,
        _fail_and_go_on,
        _use_time_and_chance,
        _handle_a_signal,
        _let_go_of_memory,
    ],
)
def test_honest_work_goes_on(policy: Policy, work: Callable[[], None]) -> None:
    # What is loaded late would be loaded from files.
    work()
    assert outcome(under(policy, work)) == "returned"


def test_slot_forks_watches_and_kills() -> None:
    importlib.import_module("resource")  # `os.wait4` loads it

    def serve() -> None:
        slot = os.getpid()
        pid = os.fork()
        if pid == 0:
            linux.die_with_parent(slot)
        while pid == 0:
            pass
        descriptor = os.pidfd_open(pid)
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        _, status, _ = os.wait4(pid, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL

    assert outcome(under(policies.ZYGOTE, serve)) == "returned"


def test_slot_s_children_are_locked_by_both_filters() -> None:
    def serve() -> None:
        if outcome(under(policies.CHILD, REFUSED["open"])) != "EACCES":
            raise OSError(1, "not refused")
        if outcome(under(policies.CHILD, KILLED["socket"])) != "SIGSYS":
            raise OSError(2, "not killed")

    seccomp.program(policies.CHILD)
    assert outcome(under(policies.ZYGOTE, serve)) == "returned"


SLOT_REFUSED = {
    "open": (lambda: os.open("/", os.O_RDONLY), "EACCES"),
    "thread": (call("clone", 0x100 | 0x10000 | 0x800, 0, 0, 0, 0), "EPERM"),
    "namespace by clone": (call("clone", 0x1000_0011, 0, 0, 0, 0), "EPERM"),
    "socket": (call("socket", 2, 1, 0), "SIGSYS"),
    "execute": (lambda: os.execv("/proc/self/exe", ["python"]), "SIGSYS"),
    "trace": (call("ptrace", 0, 0, 0, 0), "SIGSYS"),
}


@pytest.mark.parametrize(("attempt", "ending"), SLOT_REFUSED.values(), ids=SLOT_REFUSED)
def test_slot_opens_and_starts_nothing(attempt: Callable[[], object], ending: str) -> None:
    assert outcome(under(policies.ZYGOTE, attempt)) == ending


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="an entry of x86-64")
def test_x32_entry_is_killed() -> None:
    attempt = under(policies.CHILD, lambda: linux.syscall_number("getpid", 0x4000_0000 | 39))
    assert outcome(attempt) == "SIGSYS"


def test_filter_needs_no_new_privs_or_root() -> None:
    def install() -> None:
        if os.geteuid() == 0:
            os.setresuid(65_534, 65_534, 65_534)
        seccomp.install(program)

    program = seccomp.program(policies.CHILD)
    assert outcome(install) == "EACCES"


def test_filter_that_is_none_is_refused() -> None:
    def install() -> None:
        linux.no_new_privs()
        seccomp.install(bytes(8))

    assert outcome(install) == "EINVAL"


COMPILES = """
import os, sys
import numba, numpy as np
from evaluators.confine import linux, policies, seccomp

@numba.njit
def warm_up(x):
    return x + 1

warm_up(1)
program = seccomp.program(policies.COMPILING)
os.getcwd = lambda: "/"
linux.no_new_privs()
os.closerange(3, 1024)
seccomp.install(seccomp.program(policies.ZYGOTE))
seccomp.install(program)
code = 1
try:
    function = numba.njit(boundscheck=True)(lambda a: (np.sort(a) * 2.0).sum() + len(a))
    assert function(np.arange(10.0)) == 100.0
    refused = numba.njit(lambda a: a.nothing)
    try:
        refused(1)
    except numba.TypingError:
        code = 0
finally:
    os._exit(code)
"""


def test_numba_compiles_and_runs_under_its_policy() -> None:
    ended = subprocess.run([sys.executable, "-c", COMPILES], timeout=300, check=False)
    assert ended.returncode == 0


def test_shared_memory_mapped_before_can_still_be_written() -> None:
    with mmap.mmap(-1, mmap.PAGESIZE) as area:

        def write() -> None:
            area[:4] = b"done"

        assert outcome(under(policies.CHILD, write)) == "returned"
        assert area[:4] == b"done"


def test_error_of_a_call_says_which_and_why() -> None:
    with pytest.raises(OSError, match="prctl: Invalid argument"):
        linux.prctl(0x7FFF_FFFF)
