"""Assembled filters, run by a small interpreter: every call meets its rule."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.confine import policies
from evaluators.confine.bpf import Action, IfAny, Policy, Rule, assemble
from evaluators.confine.syscalls import ARCHITECTURES, NAMES, Architecture

NUMBERS = [*range(601), 0x3FFF_FFFF, 0x4000_0000, 0x4000_0027, 0x7FFF_FFFF, 0xFFFF_FFFF]
FOREIGN = [0x4000_0003, 0x4000_0028, 0]  # i386, arm, none
POLICIES = {"zygote": policies.ZYGOTE, "child": policies.CHILD, "compiling": policies.COMPILING}
NO_ARGUMENTS = (0,) * 6
BITS = st.integers(1, 0xFFFF_FFFF)
ACTIONS = st.sampled_from(Action)
RULES = ACTIONS | st.builds(IfAny, st.integers(0, 5), BITS, ACTIONS, ACTIONS)
ANY_POLICY = st.builds(
    Policy, st.dictionaries(st.sampled_from(sorted(NAMES)), RULES, max_size=150), ACTIONS
)
each_architecture = pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda a: a.name)
each_policy = pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)


class Interpreter:
    """Runs a program as the kernel does, on `struct seccomp_data`."""

    def __init__(self, program: bytes) -> None:
        self.program = list(struct.iter_unpack("<HBBI", program))

    def __call__(
        self, audit: int, number: int, arguments: Sequence[int] = NO_ARGUMENTS
    ) -> tuple[Action, int]:
        """Return the action, and how many instructions led to it."""
        data = struct.pack("<IIQ6Q", number, audit, 0, *arguments)
        accumulator = position = steps = 0
        while True:
            code, yes, no, operand = self.program[position]
            position += 1
            steps += 1
            match code:
                case 0x06:
                    return Action(operand), steps
                case 0x20:
                    (accumulator,) = struct.unpack_from("<I", data, operand)
                case 0x15:
                    position += yes if accumulator == operand else no
                case 0x35:
                    position += yes if accumulator >= operand else no
                case 0x45:
                    position += yes if accumulator & operand else no
                case _:
                    raise AssertionError(f"instruction {code:#x}")


def cases(rule: Rule) -> Iterator[tuple[tuple[int, ...], Action]]:
    """Yield the arguments that matter to a rule, and the action it asks for."""
    if isinstance(rule, Action):
        yield NO_ARGUMENTS, rule
        yield (2**64 - 1,) * 6, rule
        return
    values = [0, 2**64 - 1, rule.bits, ~rule.bits & (2**64 - 1), rule.bits << 32]
    for value in values + [1 << bit for bit in range(32)]:
        arguments = [0] * 6
        arguments[rule.argument] = value
        yield tuple(arguments), rule.then if value & rule.bits else rule.otherwise


def check(policy: Policy, architecture: Architecture) -> None:
    run = Interpreter(assemble(policy, architecture))
    names = {number: name for name, number in architecture.numbers.items()}
    for number in NUMBERS:
        rule = policy.rules.get(names.get(number, ""), policy.otherwise)
        if number >= 0x4000_0000:
            rule = Action.KILL
        for arguments, action in cases(rule):
            assert run(architecture.audit, number, arguments)[0] is action, number


@each_architecture
@each_policy
def test_program_gives_the_policy_s_action(policy: Policy, architecture: Architecture) -> None:
    check(policy, architecture)


@each_architecture
@given(policy=ANY_POLICY)
def test_program_of_any_policy_gives_its_action(policy: Policy, architecture: Architecture) -> None:
    check(policy, architecture)


@each_architecture
@each_policy
def test_foreign_entry_kills(policy: Policy, architecture: Architecture) -> None:
    run = Interpreter(assemble(policy, architecture))
    others = [each.audit for each in ARCHITECTURES if each is not architecture]
    for audit in FOREIGN + others:
        assert {run(audit, number)[0] for number in NUMBERS} == {Action.KILL}


@each_architecture
@each_policy
def test_program_is_short_and_shallow(policy: Policy, architecture: Architecture) -> None:
    program = assemble(policy, architecture)
    run = Interpreter(program)
    assert len(run.program) <= 100
    assert max(run(architecture.audit, number)[1] for number in NUMBERS) <= 15


@each_architecture
@pytest.mark.parametrize("policy", [policies.CHILD, policies.COMPILING], ids=["child", "compiling"])
def test_what_a_child_may_do_its_slot_may_do_too(
    policy: Policy, architecture: Architecture
) -> None:
    """Filters stack, so a rule of the slot's that were stricter would hold in the child too."""
    child = Interpreter(assemble(policy, architecture))
    slot = Interpreter(assemble(policies.ZYGOTE, architecture))
    values = [0, 1, 2, 4, 7, 0x11, 0x100, 0x2000_0000]
    for number in NUMBERS:
        for arguments in [(value,) * 6 for value in values]:
            of_child, _ = child(architecture.audit, number, arguments)
            of_slot, _ = slot(architecture.audit, number, arguments)
            assert _strictness(of_slot) <= _strictness(of_child), number


def _strictness(action: Action) -> int:
    """Return the order in which stacked filters win over each other."""
    if action is Action.ALLOW:
        return 0
    return 2 if action is Action.KILL else 1


def test_policy_too_long_for_its_jumps_is_refused() -> None:
    rules: dict[str, Rule] = {
        name: IfAny(0, 1 + index, Action.EPERM, Action.ALLOW)
        for index, name in enumerate(sorted(NAMES))
    }
    with pytest.raises(ValueError, match="instructions"):
        assemble(Policy(rules, Action.EPERM), ARCHITECTURES[0])
