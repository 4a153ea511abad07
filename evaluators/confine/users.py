"""Privileges: a process of root's becomes nobody's, and no process keeps a capability."""

from __future__ import annotations

import os
import struct

from evaluators.confine import linux
from evaluators.containment import Layer

NOBODY = 65_534

_PR_CAPBSET_DROP = 24
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION_3 = 0x2008_0522
_ROOM_FOR_CAPABILITIES = 64


def drop() -> Layer:
    """Give up root and every capability, for good.

    Raises:
        OSError: the system refused to take a capability back; nothing may be run then.
    """
    layer = Layer("user", works=False, says=f"uid {os.getuid()} kept")
    _drop_bounding_set()
    if os.getuid() == 0:
        layer = _become_nobody()
    linux.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    linux.syscall("capset", struct.pack("=Ii", _CAPABILITY_VERSION_3, 0), bytes(24))
    return layer


def _become_nobody() -> Layer:
    try:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except OSError as error:
        # In a user namespace that holds root alone there is nobody else to become.
        return Layer("user", works=False, says=f"uid 0 kept: {error.strerror}")
    return Layer("user", works=True, says="nobody")


def _drop_bounding_set() -> None:
    """Keep capabilities from coming back with a program that carries some.

    Who lacks the right to do this stays as it was: `no_new_privs` has the same effect.
    """
    for capability in range(_ROOM_FOR_CAPABILITIES):
        try:
            linux.prctl(_PR_CAPBSET_DROP, capability)
        except OSError:
            return
