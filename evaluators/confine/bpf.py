"""From a policy to a seccomp program: a search tree over the numbers of system calls.

Filters are stacked and every child installs one, so the program is short (equal ends are shared),
and few of its instructions run for any call.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from errno import EACCES, ENOSYS, EPERM

from evaluators.confine.syscalls import Architecture


class Action(Enum):
    """What the kernel does with a call, as a filter returns it (linux/seccomp.h)."""

    ALLOW = 0x7FFF_0000
    EPERM = 0x0005_0000 | EPERM
    EACCES = 0x0005_0000 | EACCES
    ENOSYS = 0x0005_0000 | ENOSYS
    KILL = 0x8000_0000
    """The whole process, by SIGSYS, which no handler sees."""


@dataclass(frozen=True)
class IfAny:
    """An action that depends on the bits of one argument.

    Attributes:
        argument: its index.
        bits: in its lower half, where all flags of all calls are.
        then: if any of the bits is set.
        otherwise: if none is.
    """

    argument: int
    bits: int
    then: Action
    otherwise: Action


Rule = Action | IfAny


@dataclass(frozen=True, eq=False)
class Policy:
    """What happens to each system call.

    Attributes:
        rules: name → rule; names that a machine has no such call for are passed over.
        otherwise: for all other calls. A call through a foreign entry (32 bits, x32) kills.
    """

    rules: Mapping[str, Rule]
    otherwise: Action


_LOAD, _RETURN = 0x20, 0x06
_EQUAL, _AT_LEAST, _ANY_BIT = 0x15, 0x35, 0x45
_INSTRUCTION = struct.Struct("<HBBI")
INSTRUCTION_BYTES = _INSTRUCTION.size

_AT_NUMBER, _AT_ARCHITECTURE, _AT_ARGUMENTS = 0, 4, 16
_FOREIGN_NUMBERS = 0x4000_0000
"""Where x32 begins; no machine has 64-bit calls from there on."""
_FARTHEST = 255
"""As many instructions a jump can skip."""
_MOST_SINGLES = 3
"""Tested one after the other in one leaf of the tree; more are split."""

_Target = Rule | int
"""Where a jump goes: to what a rule says, or to the instruction of that index."""
_Range = tuple[int, int, Rule]
"""First number, last number, rule."""


@dataclass(frozen=True)
class _Instruction:
    code: int
    operand: int
    yes: _Target | None = None
    no: _Target | None = None


def assemble(policy: Policy, architecture: Architecture) -> bytes:
    """Return the program, as an array of the kernel's `struct sock_filter`.

    Raises:
        ValueError: the policy needs a program with jumps of more than 255 instructions.
    """
    program = [
        _Instruction(_LOAD, _AT_ARCHITECTURE),
        _Instruction(_EQUAL, architecture.audit, 2, Action.KILL),
        _Instruction(_LOAD, _AT_NUMBER),
    ]
    _grow(program, _ranges(policy, architecture))
    return _link(program)


def _ranges(policy: Policy, architecture: Architecture) -> list[_Range]:
    """Return all numbers with their rules, neighbours of one rule in one range."""
    rules = {
        architecture.numbers[name]: rule
        for name, rule in policy.rules.items()
        if name in architecture.numbers
    }
    rules[_FOREIGN_NUMBERS] = Action.KILL
    ranges: list[_Range] = []

    def add(first: int, last: int, rule: Rule) -> None:
        if ranges and ranges[-1][2] == rule:
            first = ranges.pop()[0]
        if first <= last:
            ranges.append((first, last, rule))

    after = 0
    for number, rule in sorted(rules.items()):
        if after < number:
            add(after, number - 1, policy.otherwise)
        add(number, number, rule)
        after = number + 1
    first, _, rule = ranges.pop()
    ranges.append((first, 0xFFFF_FFFF, rule))
    return ranges


def _grow(program: list[_Instruction], ranges: Sequence[_Range]) -> _Target:
    """Add what decides between these ranges, and return where to jump for it."""
    if len(ranges) == 1:
        return ranges[0][2]
    start = len(program)
    usual = max((each[2] for each in ranges), key=[each[2] for each in ranges].count)
    singles = [each for each in ranges if each[2] != usual]
    if len(singles) <= _MOST_SINGLES and all(first == last for first, last, _ in singles):
        for number, _, rule in singles:
            program.append(_Instruction(_EQUAL, number, rule, len(program) + 1))
        program[-1] = replace(program[-1], no=usual)
        return start
    middle = len(ranges) // 2
    program.append(_Instruction(_AT_LEAST, ranges[middle][0]))
    below, above = _grow(program, ranges[:middle]), _grow(program, ranges[middle:])
    program[start] = replace(program[start], yes=above, no=below)
    return start


def _link(program: list[_Instruction]) -> bytes:
    """Add the ends that are jumped to, each once, and encode all."""
    ends = dict.fromkeys(end for each in program for end in (each.yes, each.no) if end is not None)
    places: dict[_Target, int] = {}
    actions: dict[Action, None] = {}
    for end in ends:
        if isinstance(end, IfAny):
            places[end] = len(program)
            program.append(_Instruction(_LOAD, _AT_ARGUMENTS + 8 * end.argument))
            program.append(_Instruction(_ANY_BIT, end.bits, end.then, end.otherwise))
            actions |= {end.then: None, end.otherwise: None}
        elif isinstance(end, Action):
            actions[end] = None
    for action in actions:
        places[action] = len(program)
        program.append(_Instruction(_RETURN, action.value))

    def distance(position: int, target: _Target | None) -> int:
        if target is None:
            return 0
        ahead = (target if isinstance(target, int) else places[target]) - position - 1
        if ahead > _FARTHEST:
            raise ValueError(f"a policy that takes {len(program)} instructions")
        return ahead

    return b"".join(
        _INSTRUCTION.pack(each.code, distance(i, each.yes), distance(i, each.no), each.operand)
        for i, each in enumerate(program)
    )
