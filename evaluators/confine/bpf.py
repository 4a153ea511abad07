"""From a policy to a seccomp program: a search tree over the numbers of system calls.

Filters are stacked and every child installs one, so the program is short (equal ends are shared),
and few of its instructions run for any call.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
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
_MOST_IN_A_ROW = 3
"""Exceptions tested one after the other in a leaf of the tree; more are split."""

_Target = Rule | int
"""Where a jump goes: to what a rule says, or to the instruction of that index."""


@dataclass(frozen=True)
class _Range:
    """Neighbouring numbers that share a rule, but for some.

    Attributes:
        first: the lowest number; the range ends where the next one begins.
        rule: for all but the exceptions.
        exceptions: number and rule, in order.
    """

    first: int
    rule: Rule
    exceptions: tuple[tuple[int, Rule], ...] = ()


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
    """Return ranges that cover all numbers.

    Each boundary and each exception is one comparison, so a single number between two ranges of
    one rule is an exception of theirs: one comparison in place of two.
    """
    rules = {
        architecture.numbers[name]: rule
        for name, rule in policy.rules.items()
        if name in architecture.numbers
    }
    ranges: list[_Range] = []
    for first, rule in _runs(rules, policy.otherwise):
        start = len(ranges)
        while start and ranges[start - 1].rule != rule and _is_single(ranges, start - 1, first):
            start -= 1
        if start and ranges[start - 1].rule == rule:
            base, *singles = ranges[start - 1 :]
            exceptions = (*base.exceptions, *((each.first, each.rule) for each in singles))
            ranges[start - 1 :] = [replace(base, exceptions=exceptions)]
        else:
            ranges.append(_Range(first, rule))
    return ranges


def _is_single(ranges: Sequence[_Range], index: int, end: int) -> bool:
    """Whether a range is one number; `end` is where the last one ends."""
    after = ranges[index + 1].first if index + 1 < len(ranges) else end
    return after == ranges[index].first + 1


def _runs(rules: Mapping[int, Rule], otherwise: Rule) -> Iterator[tuple[int, Rule]]:
    """Return where each run of numbers of one rule begins, in order, and the rule."""
    starts = {0: otherwise}
    for number, rule in sorted(rules.items()):
        starts[number] = rule
        starts[number + 1] = otherwise
    starts[_FOREIGN_NUMBERS] = Action.KILL
    before = None
    for first, rule in starts.items():
        if rule != before:
            yield first, rule
        before = rule


def _grow(program: list[_Instruction], ranges: Sequence[_Range]) -> _Target:
    """Add what decides between these ranges, and return where to jump for it."""
    if len(ranges) == 1 and len(ranges[0].exceptions) <= _MOST_IN_A_ROW:
        return _grow_leaf(program, ranges[0])
    start = len(program)
    below, above = _halves(ranges)
    program.append(_Instruction(_AT_LEAST, above[0].first))
    no = _grow(program, below)
    yes = _grow(program, above)
    program[start] = replace(program[start], yes=yes, no=no)
    return start


def _halves(ranges: Sequence[_Range]) -> tuple[Sequence[_Range], Sequence[_Range]]:
    middle = len(ranges) // 2
    if middle:
        return ranges[:middle], ranges[middle:]
    (whole,) = ranges
    middle = len(whole.exceptions) // 2
    below, above = whole.exceptions[:middle], whole.exceptions[middle:]
    return [replace(whole, exceptions=below)], [_Range(above[0][0], whole.rule, above)]


def _grow_leaf(program: list[_Instruction], range_: _Range) -> _Target:
    if not range_.exceptions:
        return range_.rule
    start = len(program)
    for number, rule in range_.exceptions:
        program.append(_Instruction(_EQUAL, number, rule, len(program) + 1))
    program[-1] = replace(program[-1], no=range_.rule)
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
