"""The table from runs of one program to the verdict that counts, row by row."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.pool import Mode
from evaluators.verdict import Certificate, Flag, Status, Verdict
from funsearch.repetition import (
    HASHES,
    REPEATS,
    RUN_TO_RUN,
    STATE,
    compared,
    conclusion,
    same,
)


def built(value: int, tier: str = "interpreter", instances: int = 2) -> Verdict:
    """Return the verdict on a program that built some bytes; the score is the same for all."""
    names = [f"i{n}" for n in range(instances)]
    certificate = Certificate("int8", (1,), bytes([value]))
    return Verdict(
        Status.OK,
        1.0,
        dict.fromkeys(names, 1.0),
        tier=tier,
        certificates=dict.fromkeys(names, certificate),
    )


CRASH = Verdict(Status.CRASHED, reason="KeyError: 3")
TIMEOUT = Verdict(Status.TIMEOUT, reason="took longer than 10 s")
FAULT = Verdict(Status.SANDBOX_ERROR, reason="the worker is gone", tier="")
FAST = built(1, "array")
A, B, C = built(1), built(2), built(3)

ROWS = {
    "the same again": ([A, A], A),
    "a tier that is right": ([FAST, A], FAST),
    "other bytes need a third run": ([A, B], None),
    "a crash needs one too": ([A, CRASH], None),
    "a tier that is wrong": ([FAST, B, B], replace(B, flags=frozenset({Flag.TIER_DIVERGENCE}))),
    "a tier that hides a crash": ([FAST, CRASH, CRASH], CRASH),
    "the interpreter against itself": ([A, B, B], RUN_TO_RUN),
    "three results": ([A, B, C], RUN_TO_RUN),
    "two zygotes, or order": ([A, B, A], None),
    "three results, one of a tier": ([FAST, B, C], None),
    "the same run twice": ([A, B, A, C], RUN_TO_RUN),
    "the same run twice, after a tier": ([FAST, B, A, C], RUN_TO_RUN),
    "the same in one zygote": ([A, B, A, A], None),
    "the same in each zygote": ([A, B, A, A, B], HASHES),
    "another in each zygote and order": ([A, B, A, A, C], HASHES),
    "the same in order": ([A, B, A, A, A], STATE),
    "the same in order, after a tier": ([FAST, B, A, A, A], STATE),
    "a crash in the other order": (
        [A, CRASH, A, A, A],
        f"{STATE}; one run was crashed: KeyError: 3",
    ),
    "a crash now and then": ([A, B, CRASH], f"{RUN_TO_RUN}; one run was crashed: KeyError: 3"),
    "a crash in the other zygote": (
        [A, CRASH, A, A, CRASH],
        f"{HASHES}; one run was crashed: KeyError: 3",
    ),
    "no end while looking for the cause": (
        [A, B, TIMEOUT],
        f"{RUN_TO_RUN}; one run was timeout: took longer than 10 s",
    ),
    "our fault at once": ([A, FAULT], FAULT),
    "our fault later": ([A, B, FAULT], FAULT),
    "our fault last": ([A, B, A, A, FAULT], FAULT),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_row(row: tuple[list[Verdict], Verdict | str | None]) -> None:
    runs, expected = row
    found = conclusion(*runs)
    if isinstance(expected, str):
        assert found is not None
        assert (found.status, found.reason) == (Status.NONDETERMINISTIC, expected)
        assert (found.score, dict(found.scores), dict(found.certificates)) == (None, {}, {})
    else:
        assert found == expected


@pytest.mark.parametrize("runs", [[A, TIMEOUT], [FAST, TIMEOUT]])
def test_no_end_leaves_the_verdict_unconfirmed(runs: list[Verdict]) -> None:
    found = conclusion(*runs)
    assert found is not None
    assert found.flags == {Flag.UNCONFIRMED}
    assert found.reason.startswith("not confirmed: ")
    assert same(found, runs[0])


def test_one_instance_has_no_other_order() -> None:
    one, other = built(1, instances=1), built(2, instances=1)
    found = conclusion(one, other, one, one, one)
    assert found is not None
    assert found.reason == RUN_TO_RUN, "the second and the last run were the same one"


outcomes = st.sampled_from([A, B, CRASH, TIMEOUT, FAULT])


@given(st.sampled_from([A, FAST]), st.tuples(*[outcomes] * len(REPEATS)))
def test_all_runs_together_are_conclusive_and_an_early_word_is_the_last(
    first: Verdict, runs: tuple[Verdict, ...]
) -> None:
    found = [conclusion(first, *runs[:count]) for count in range(1, len(runs) + 1)]
    assert found[-1] is not None
    early = next(verdict for verdict in found if verdict is not None)
    faults = [run for run in runs if run.status is Status.SANDBOX_ERROR]
    assert all(verdict in (early, *faults) for verdict in found if verdict is not None)
    if early.status is Status.OK and Flag.UNCONFIRMED not in early.flags:
        assert sum(same(early, run) for run in runs) >= 1, "two runs agree on every score"


@given(st.tuples(*[st.sampled_from([FAST, A])] * (len(REPEATS) + 1)))
def test_program_that_always_builds_the_same_is_never_accused(runs: tuple[Verdict, ...]) -> None:
    assert conclusion(*runs) == runs[0]


def test_first_repeat_changes_zygote_and_order_at_once() -> None:
    assert (REPEATS[0].mode, REPEATS[0].backwards) == (Mode.AGAIN, True)
    assert [each.backwards for each in REPEATS[1:]] == [False] * 3


def test_accelerated_verdict_against_the_interpreters() -> None:
    assert compared(FAST, A) == FAST
    assert compared(FAST, B) == replace(B, flags=frozenset({Flag.TIER_DIVERGENCE}))
    assert compared(FAST, CRASH) == CRASH
    assert compared(FAST, FAULT) == FAULT
    assert compared(FAST, TIMEOUT).flags == {Flag.UNCONFIRMED}
