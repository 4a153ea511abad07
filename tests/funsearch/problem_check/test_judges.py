"""The processes that answer for score and checker: whatever these do, there is an answer."""

from __future__ import annotations

import numpy as np
import pytest

from evaluators.pool import PoolError
from evaluators.verdict import Certificate
from funsearch.problem_check.answer import Answer
from funsearch.problem_check.scorer import Scorer
from funsearch.problem_check.second_judge import SecondJudge
from problems.contract import Instance
from problems.registry import Loaded
from tests.funsearch.problem_check.conftest import Make

GOOD = np.array([0, 2], dtype="int8")
FIVE = Instance("n=5", {"n": 5})


RETURNS = "    return len(numbers)\n"
MARKS = "    marks = "


def asked(loaded: Loaded, *arrays: np.ndarray, answer_s: float = 10.0) -> list[Answer]:  # type: ignore[type-arg]
    scorer = Scorer(loaded.reference, answer_s)
    try:
        return [scorer.ask("n=4", array) for array in arrays]
    finally:
        scorer.close()


def test_score_answers_with_a_number_or_a_reason(make: Make) -> None:
    good, bad = asked(make(), GOOD, np.array([1, 2], dtype="int8"))
    assert (good.score, good.fault) == (2.0, False)
    assert (bad.score, bad.says, bad.fault) == (None, "two numbers are neighbours", False)


@pytest.mark.parametrize(
    ("does", "says"),
    [
        ("raise KeyError('n')", "score raised KeyError: 'n'"),
        ("return float('nan')", "score returned nan"),
        ("return None", "score returned a NoneType, not a number"),
        ("return True", "score returned a bool, not a number"),
        ("import os; os.kill(os.getpid(), 11)", "score ended its process: signal SIGSEGV"),
        ("import os; os._exit(3)", "score ended its process: exit status 3"),
        ("return np.zeros(1 << 40).sum()", "score raised MemoryError: "),
    ],
)
def test_what_is_no_answer_is_a_fault_and_the_next_one_is_judged(
    make: Make, does: str, says: str
) -> None:
    loaded = make({RETURNS: f"    if len(numbers) == 1: {does}\n    return 7\n"})
    fault, after = asked(loaded, GOOD[:1], GOOD)
    assert fault.fault
    assert fault.says.startswith(says)
    assert after.score == 7.0


def test_score_that_finds_no_end_is_ended(make: Make) -> None:
    loaded = make({RETURNS: "    while len(numbers) == 1: pass\n    return 7\n"})
    _, endless, after = asked(loaded, GOOD, GOOD[:1], GOOD, answer_s=0.5)
    assert (endless.fault, endless.silent) == (True, True)
    assert after.score == 7.0


def test_problem_that_cannot_be_had_is_one_line(tmp_path: object) -> None:
    scorer = Scorer(f"{tmp_path}/nowhere.py")
    with pytest.raises(PoolError, match="there is no such file"):
        scorer.ask("n=4", GOOD)
    scorer.close()


def checked(loaded: Loaded, *arrays: np.ndarray, answer_s: float = 10.0) -> list[Answer]:  # type: ignore[type-arg]
    assert loaded.checker is not None
    judge = SecondJudge("path_set", loaded.checker, answer_s)
    try:
        certificates = [Certificate(a.dtype.name, a.shape, a.tobytes()) for a in arrays]
        together = [judge.ask(FIVE, certificate) for certificate in certificates]
        if answer_s == 10.0:
            alone = [judge.ask_as_a_user(FIVE, certificate) for certificate in certificates]
            assert [a.score for a in together] == [a.score for a in alone]
            assert [a.fault for a in together] == [a.fault for a in alone]
        return together
    finally:
        judge.close()


def test_checker_answers_in_one_process_as_in_one_of_its_own(make: Make) -> None:
    good, bad, again = checked(make(), GOOD, np.array([7], dtype="int8"), GOOD)
    assert good == again or (good.score, good.says) == (again.score, again.says)
    assert good.score == 2.0
    assert (bad.score, bad.says, bad.fault) == (None, "not numbers below n", False)


@pytest.mark.parametrize(
    ("does", "says"),
    [
        ("raise KeyError('n')", "the checker ended with"),
        ("return 1, 'wrong'", "the checker ended with 1 and said: wrong"),
        ("return 0, 'invalid'", "the checker ended with 0 and said: invalid"),
        ("return 3, 'valid 2'", "the checker ended with 3"),
        ("import os; os._exit(1)", "the checker ended"),
    ],
)
def test_checker_that_fails_is_at_fault(make: Make, does: str, says: str) -> None:
    loaded = make(checker={MARKS: f"    if len(data) == 1: {does}\n{MARKS}"})
    fault, after = checked(loaded, GOOD[:1], GOOD)
    assert fault.fault
    assert fault.says.startswith(says)
    assert after.score == 2.0


def test_usage_line_is_a_refusal(make: Make) -> None:
    loaded = make(checker={MARKS: f"    return 2, 'usage: …'\n{MARKS}"})
    (answer,) = checked(loaded, GOOD)
    assert (answer.score, answer.fault) == (None, False)


def test_checker_must_name_the_digest_of_the_instance(make: Make) -> None:
    (answer,) = checked(make(checker={"sort_keys=True": "sort_keys=True, indent=1"}), GOOD)
    assert answer.fault
    assert "digest" in answer.says


def test_long_reason_is_no_fault(make: Make) -> None:
    loaded = make(checker={"invalid twice or": 'invalid " + 500 * "x " + "twice or'})
    (answer,) = checked(loaded, np.array([1, 1], dtype="int8"))
    assert (answer.score, answer.fault) == (None, False)


def test_checker_that_finds_no_end_is_ended(make: Make) -> None:
    loaded = make(checker={MARKS: f"    while len(data) == 1: pass\n{MARKS}"})
    endless, after = checked(loaded, GOOD[:1], GOOD, answer_s=0.5)
    assert endless.silent
    assert after.score == 2.0
