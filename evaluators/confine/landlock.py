"""Landlock: no file, no TCP port, no abstract socket and no signal beyond this process's own.

It guards the same doors as the call filter by other means, in case one of the two has a hole. What
it does not cover is `stat` and the like.
"""

from __future__ import annotations

import os
import struct

from evaluators.confine import linux
from evaluators.containment import Layer

_CREATE_RULESET_VERSION = 1
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
"""ABI → how many rights on files there are from then on; right i is bit i."""
_TCP_ABI, _TCP_RIGHTS = 4, 0b11
"""Bind, connect."""
_SCOPES_ABI, _SCOPES = 6, 0b11
"""Abstract Unix sockets, signals."""


def deny_all() -> Layer:
    """Forbid this process, and all it starts, everything that landlock knows of.

    Signals still reach the processes that it forks from now on, and itself. It needs
    `linux.no_new_privs` first.

    Raises:
        OSError: the kernel has landlock but refused this step.
    """
    try:
        abi = linux.syscall("landlock_create_ruleset", None, 0, _CREATE_RULESET_VERSION)
    except OSError as error:
        return Layer("landlock", works=False, says=str(error.strerror))
    attributes = _attributes(abi)
    ruleset = linux.syscall("landlock_create_ruleset", attributes, len(attributes), 0)
    try:
        # No rule is added: what is handled and not allowed is denied.
        linux.syscall("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)
    return Layer("landlock", works=True, says=f"ABI {abi}")


def _attributes(abi: int) -> bytes:
    """Return `struct landlock_ruleset_attr` as long as that version of it is."""
    rights = max(count for since, count in _FILE_RIGHTS.items() if since <= abi)
    fields = [(1 << rights) - 1]
    if abi >= _TCP_ABI:
        fields.append(_TCP_RIGHTS)
    if abi >= _SCOPES_ABI:
        fields.append(_SCOPES)
    return struct.pack(f"={len(fields)}Q", *fields)
