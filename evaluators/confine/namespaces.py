"""Namespaces: a process table, a network, IPC objects and a host name of its own."""

from __future__ import annotations

import os
from errno import EPERM
from pathlib import Path

from evaluators.confine import linux
from evaluators.containment import Layer

_FLAGS = {
    "user": 0x1000_0000,
    "pid": 0x2000_0000,
    "net": 0x4000_0000,
    "ipc": 0x0800_0000,
    "uts": 0x0400_0000,
}


def enter() -> Layer:
    """Move this process into namespaces of its own, as far as it may.

    The process table is that of what it forks next: the first such child is process 1, and when
    that ends, the kernel kills all others in it. A user who may not make namespaces gets one for
    users first, in which that user and group are the only ones.
    """
    had: list[str] = []
    try:
        try:
            _unshare("pid")
        except PermissionError:
            _own_user()
            had.append("user")
            _unshare("pid")
        had.append("pid")
        for name in ("net", "ipc", "uts"):
            _unshare(name)
            had.append(name)
    except OSError as error:
        why = str(error.strerror)
        if error.errno == EPERM:
            why += "; normal in a container"
        return Layer("namespaces", works=False, says=f"only {' '.join(had)}; {why}" if had else why)
    return Layer("namespaces", works=True, says=" ".join(had))


def _unshare(name: str) -> None:
    with linux.naming(f"unshare {name}"):
        linux.syscall("unshare", _FLAGS[name])


def _own_user() -> None:
    """Enter a user namespace that holds this user and this group, under their own numbers."""
    user, group = os.geteuid(), os.getegid()
    _unshare("user")
    for file, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with linux.naming(f"/proc/self/{file}"):
            Path("/proc/self", file).write_text(text)
