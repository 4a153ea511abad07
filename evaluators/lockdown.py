"""What a slot gives up before it forks a candidate's child, and what the child gives up besides.

What a child inherits is done once, in the slot; only what cannot be is done for each child. The
layers themselves are in `evaluators.confine`.
"""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass

from evaluators.confine import landlock, linux, policies, seccomp, users
from evaluators.containment import LAYERS, Layer

_MAX_DESCRIPTOR = 65_536
"""More than a slot ever has open; closing a range is one call of the system."""
_PR_SET_DUMPABLE = 4


@dataclass(frozen=True)
class Bounds:
    """What a child may use at most.

    Attributes:
        address_space: bytes, all mappings inherited from the slot counted.
        cpu_s: whole seconds of processor time, then SIGXCPU; a second later SIGKILL.
    """

    address_space: int
    cpu_s: int


@dataclass(frozen=True)
class Locked:
    """A slot's own lock-down.

    Attributes:
        layers: all of `containment.LAYERS`.
        call_filter: the program of the kernel filter that each child installs; None without one.
    """

    layers: tuple[Layer, ...]
    call_filter: bytes | None


def lock_slot(parent: int, namespaces: Layer, no_seccomp: str, *, compiling: bool) -> Locked:
    """Lock this process, which is a slot, and all that it will fork.

    Args:
        parent: its parent's process id as it sees it; the slot dies with it.
        namespaces: what was entered before this process was forked.
        no_seccomp: why there is no kernel filter; empty if there is.
        compiling: whether its children may map executable memory.
    """
    user = users.drop()
    # A change of user forgets this one.
    linux.die_with_parent(parent)
    linux.no_new_privs()
    # Nobody's other processes, and a plain user's, get no hold of this one's memory.
    linux.prctl(_PR_SET_DUMPABLE, 0)
    # Assembled once, before any fork.
    call_filter = seccomp.program(policies.COMPILING if compiling else policies.CHILD)
    files = landlock.deny_all()
    if not no_seccomp:
        seccomp.install(seccomp.program(policies.ZYGOTE))
    layers = (
        Layer("seccomp", not no_seccomp, no_seccomp or "allow-list"),
        files,
        namespaces,
        user,
        Layer("limits", True, ""),
    )
    return Locked(layers, None if no_seccomp else call_filter)


def unlocked(reason: str) -> Locked:
    """Return what holds candidates of a slot that is not locked."""
    others = tuple(Layer(name, False, reason) for name in LAYERS[:-1])
    return Locked((*others, Layer("limits", True, "")), None)


def lock_child(bounds: Bounds, parent: int, locked: Locked) -> None:
    """Give up what a candidate must not have; called once in a fresh child.

    Args:
        bounds: what it may use.
        parent: the slot's process id; the child dies with it.
        locked: what the slot did for itself.

    Raises:
        OSError: the system refused a step; nothing may be run then.
    """
    # A session of its own would do as well, and cost a third of a millisecond more.
    os.setpgid(0, 0)
    linux.name("fs-candidate")
    linux.die_with_parent(parent)
    linux.no_new_privs()
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
    if locked.call_filter is not None:
        seccomp.install(locked.call_filter)
