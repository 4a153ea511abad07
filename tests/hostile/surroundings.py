"""Surroundings of a run: other users and other machines, imitated in this process for good."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from evaluators.confine import linux, seccomp
from evaluators.confine.bpf import Action, IfAny, Policy, Rule
from evaluators.confine.users import NOBODY

PROJECT = Path(__file__).parents[2]

_NEW_MOUNTS = 0x0002_0000
_NEW_ANYTHING = 0x7E02_0080
"""Every flag of `clone` that makes a namespace."""
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 0x4_0000
_PR_CAPBSET_DROP = 24
_LAST_CAPABILITY = 40
_CONTAINER_CAPABILITIES = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31}
"""Those that Docker leaves by default (moby, oci/caps/defaults.go)."""


class Unavailable(Exception):
    """These surroundings cannot be had here; the message says why."""


def as_started() -> None:
    """Stay as this process was started."""


def plain_user() -> None:
    """Become a user with no rights, who can still reach the interpreter and this project.

    Folders on the way there that only root may enter are covered, in a mount namespace of this
    process alone, by empty ones in which just the way there exists.
    """
    if os.geteuid() != 0:
        raise Unavailable("started by a plain user already: the same as without this")
    try:
        _uncover({PROJECT, Path(sys.prefix), Path(sys.base_prefix)})
    except OSError as error:
        raise Unavailable(f"the interpreter is out of a plain user's reach: {error}") from None
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    os.environ.pop("XDG_CACHE_HOME", None)
    os.environ["HOME"] = "/nonexistent"
    trial = [sys.executable, "-c", "import evaluators, numpy"]
    if subprocess.run(trial, cwd=PROJECT, check=False, capture_output=True).returncode != 0:
        raise Unavailable("the interpreter's files cannot be read by a plain user")


def default_container() -> None:
    """Lose what a container takes away by default: namespaces, mounts and most capabilities."""
    refused = "unshare setns mount umount2 pivot_root open_tree move_mount fsopen fsconfig fsmount"
    rules: dict[str, Rule] = dict.fromkeys(refused.split(), Action.EPERM)
    rules |= {"clone3": Action.ENOSYS, "clone": IfAny(0, _NEW_ANYTHING, Action.EPERM, Action.ALLOW)}
    filter_ = seccomp.program(Policy(rules, otherwise=Action.ALLOW))
    try:
        try:
            seccomp.install(filter_)
        except PermissionError:
            # Who is not root of the whole machine gives up more than a container would take.
            linux.no_new_privs()
            seccomp.install(filter_)
    except OSError as error:
        raise Unavailable(f"no filter of system calls: {error}") from None
    if os.geteuid() == 0:
        for capability in set(range(_LAST_CAPABILITY + 1)) - _CONTAINER_CAPABILITIES:
            # Takes effect with the next program: root has after it what is left here.
            linux.prctl(_PR_CAPBSET_DROP, capability)


def container_of_a_plain_user() -> None:
    """Lose both root and what a container takes away."""
    plain_user()
    default_container()


SURROUNDINGS: Mapping[str, Callable[[], None]] = {
    "as started": as_started,
    "plain user": plain_user,
    "default container": default_container,
    "container, plain user": container_of_a_plain_user,
}
"""Name → what brings this process there, before it starts another program; or raises
`Unavailable`."""


def _uncover(paths: set[Path]) -> None:
    """Make these folders reachable for everybody, as this process and its descendants see it."""
    barriers: dict[Path, set[Path]] = {}
    for path in paths:
        for folder in _barriers(path):
            barriers.setdefault(folder, set()).add(path)
            break
    if not barriers:
        return
    linux.syscall("unshare", _NEW_MOUNTS)
    _mount(None, "/", None, _RECURSIVE | _PRIVATE)
    for barrier, behind in barriers.items():
        held = {path: os.open(path, os.O_PATH) for path in behind}
        _mount("none", str(barrier), "tmpfs", 0)
        barrier.chmod(0o755)
        for path, descriptor in held.items():
            path.mkdir(mode=0o755, parents=True, exist_ok=True)
            _mount(f"/proc/self/fd/{descriptor}", str(path), None, _BIND | _RECURSIVE)
            os.close(descriptor)


def _barriers(path: Path) -> Iterator[Path]:
    """Yield the folders on the way that not everybody may enter, outermost first."""
    for folder in reversed([path, *path.parents]):
        if not folder.stat().st_mode & 0o001:
            yield folder


def _mount(source: str | None, target: str, kind: str | None, flags: int) -> None:
    def text(value: str | None) -> bytes | None:
        return None if value is None else os.fsencode(value)

    with linux.naming(f"mount {target}"):
        linux.syscall("mount", text(source), text(target), text(kind), flags, None)
