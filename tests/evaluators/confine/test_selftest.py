"""The self-test: silent about a locked child, and outspoken about any lock that is missing."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable

import pytest

from evaluators.confine import linux, policies, seccomp, selftest
from evaluators.confine.bpf import Action, Policy
from tests.evaluators.confine.children import fork, under

if reason := seccomp.available():
    pytest.skip(f"no filters on this machine: {reason}", allow_module_level=True)


def locked_by(policy: Policy) -> Callable[[Callable[[], None]], int]:
    def fork_locked(body: Callable[[], None]) -> int:
        def locked() -> None:
            # Also what libraries set behind Python's back.
            ctypes.CDLL(None).clearenv()
            os.environ.clear()
            under(policy, body)()

        return fork(locked)

    return fork_locked


def test_locked_child_passes() -> None:
    result = selftest.run(locked_by(policies.CHILD))
    assert not any(result.values()), result
    assert set(result) == {each.name for each in selftest.ATTEMPTS}


def test_compiling_child_passes_all_but_machine_code() -> None:
    result = selftest.run(locked_by(policies.COMPILING), compiling=True)
    assert not any(result.values()), result
    left_out = {each.name for each in selftest.ATTEMPTS} - set(result)
    assert left_out == {"cannot_map_executable_memory", "cannot_make_memory_executable"}


HOLES = {
    "openat": "cannot_open_a_file",
    "write": "cannot_write",
    "socket": "cannot_open_a_socket",
    "clone": "cannot_fork",
    "execve": "cannot_execute_a_program",
    "mmap": "cannot_map_executable_memory",
    "mprotect": "cannot_make_memory_executable",
    "kill": "cannot_signal_its_parent",
    "prlimit64": "cannot_raise_its_limits",
    "memfd_create": "cannot_make_a_memory_file",
    "prctl": "cannot_undo_the_filter",
}


@pytest.mark.parametrize(("call", "attempt"), HOLES.items(), ids=HOLES)
def test_hole_in_the_filter_is_found(call: str, attempt: str) -> None:
    policy = Policy({**policies.CHILD.rules, call: Action.ALLOW}, otherwise=Action.EPERM)
    result = selftest.run(locked_by(policy))
    assert result[attempt]
    assert not result["cannot_stat_a_file"]


def test_descriptor_and_environment_are_found() -> None:
    program = seccomp.program(policies.CHILD)

    def careless(body: Callable[[], None]) -> int:
        def half_locked() -> None:
            os.environ["LEFT"] = "here"
            linux.no_new_privs()
            seccomp.install(program)
            body()

        return fork(half_locked)

    result = selftest.run(careless)
    assert result["has_no_descriptor"] == "descriptor 0 is open"
    assert result["sees_no_environment"].endswith("is set")
