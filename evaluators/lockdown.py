"""What a child gives up before it runs a candidate.

Today this contains accidents, not attacks: limits, no descriptors, no survivors. A candidate still
has the file system by name, the system's calls and the zygote's user; what the kernel can take
away besides (a call filter, file rules, namespaces, another user) belongs into `lock_down`.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from dataclasses import dataclass

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_MAX_DESCRIPTOR = 65_536
"""More than a zygote ever has open; closing a range is one call of the system."""

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Bounds:
    """What a child may use at most.

    Attributes:
        address_space: bytes, all mappings inherited from the zygote counted.
        cpu_s: whole seconds of processor time, then SIGXCPU; a second later SIGKILL.
    """

    address_space: int
    cpu_s: int


def lock_down(bounds: Bounds, parent: int) -> None:
    """Give up what a candidate must not have; called once in a fresh child.

    Args:
        bounds: what it may use.
        parent: the zygote's process id; the child dies with it.

    Raises:
        OSError: the system refused a step; nothing may be run then.
    """
    os.setsid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    os.closerange(0, _MAX_DESCRIPTOR)
    for limit, soft, hard in (
        (resource.RLIMIT_AS, bounds.address_space, bounds.address_space),
        (resource.RLIMIT_CPU, bounds.cpu_s, bounds.cpu_s + 1),
        (resource.RLIMIT_FSIZE, 0, 0),
        # Without effect on root, whom the kernel lets start processes whatever this says.
        (resource.RLIMIT_NPROC, 0, 0),
        (resource.RLIMIT_NOFILE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(limit, (soft, hard))


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option})")
