"""Attention: the training against plain versions, what is secret and stays so, and refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluators.candidate import Interpreted
from evaluators.zygote.stripping import strip
from problems import attention, registry
from problems.attention import BATCH, STEPS, SYMBOLS, TASKS, logit, problem
from problems.contract import Instance, Invalid
from tests.problems.support import Direct, built, check, reached

Floats = NDArray[np.float64]


def gated(qk: Any, qq: Any, kk: Any, gap: Any, n: int) -> Any:
    """Depend on all that there is."""
    return qk * np.log(n) - gap * qq / 16 + np.sqrt(kk + 1)


def seen(name: str) -> Instance:
    return Instance(name, problem.visible(problem.instance(name)))


def plain_outputs(weights: attention.Weights, row: list[int]) -> Floats:
    """Return what the transformer says to one row of tokens and a question, key by key."""
    *tokens, question = row
    vectors = [
        weights.tokens[token // SYMBOLS] + weights.tokens[SYMBOLS + token % SYMBOLS]
        for token in tokens
    ]
    asked = weights.questions[question]
    query, n = asked @ weights.to_query, len(tokens)
    powers: list[float] = []
    for place, vector in enumerate(vectors):
        key = vector @ weights.to_key
        powers.append(np.exp(gated(query @ key, query @ query, key @ key, n - place, n)))
    attended = sum(
        (power / sum(powers) * (vector @ weights.to_value))
        for power, vector in zip(powers, vectors, strict=True)
    )
    middle = asked + attended
    hidden = np.array([max(unit, 0.0) for unit in middle @ weights.into_hidden])
    return (middle + hidden @ weights.out_of_hidden) @ weights.to_answer


def plain_loss(flat: Floats, rows: list[list[int]]) -> float:
    """Return the mean cross-entropy on rows that end with a question and its answer."""
    losses: list[float] = []
    for *sequence, answer in rows:
        outputs = plain_outputs(attention.shaped(flat), sequence)
        losses.append(float(np.log(np.exp(outputs).sum()) - outputs[answer]))
    return float(np.mean(losses))


@pytest.fixture(scope="module")
def rows() -> list[list[int]]:
    examples: Any = problem.instance("latest_12_0").data["examples"]
    return [row[-7:] for row in examples[:4]]  # the last five tokens, question and answer


def slope_of(flat: Floats, rows: list[list[int]]) -> Floats:
    table = np.array(rows)
    read, labels = attention.encoded(table[:, :-1]), np.eye(SYMBOLS)[table[:, -1]]
    return attention.gradient(Direct(gated), attention.shaped(flat), read, labels)


def test_the_gradient_is_the_slope_of_a_plain_loss(rows: list[list[int]]) -> None:
    flat = attention.initial(5)
    exact = slope_of(flat, rows)
    for index in range(0, len(flat), 23):
        step = np.zeros_like(flat)
        step[index] = 1e-5
        slope = (plain_loss(flat + step, rows) - plain_loss(flat - step, rows)) / 2e-5
        assert exact[index] == pytest.approx(slope, rel=1e-4, abs=1e-6)


def test_answers_are_those_of_a_plain_transformer(rows: list[list[int]]) -> None:
    weights = attention.shaped(attention.initial(6))
    questions = [row[:-1] for row in rows]
    answers = attention.answered(Direct(gated), weights, attention.encoded(np.array(questions)))
    assert answers.tolist() == [int(plain_outputs(weights, row).argmax()) for row in questions]


def test_training_is_adam_over_the_batches_in_order() -> None:
    instance = seen("greatest_12_1")
    examples: Any = instance.data["examples"]
    flat: Floats = attention.initial(instance.data["initial"])  # type: ignore[arg-type]
    first, second = np.zeros_like(flat), np.zeros_like(flat)
    for step in range(1, STEPS + 1):
        start = (step - 1) * BATCH % len(examples)
        batch = examples[start : start + BATCH]
        slope = slope_of(flat, batch)
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2
        rate = 0.01 * min(1, 2 * (1 - (step - 1) / STEPS))
        corrected = (second / (1 - 0.99**step)) ** 0.5
        flat = flat - rate * first / (1 - 0.9**step) / (corrected + 1e-8)
    questions = attention.encoded(np.array(instance.data["questions"]))
    answers = attention.answered(Direct(gated), attention.shaped(flat), questions)
    assert np.mean(answers == built(problem, gated, instance)) > 0.99


@pytest.mark.parametrize("task", TASKS)
def test_the_examples_determine_the_secret_and_it_answers_the_questions(task: str) -> None:
    data: Any = problem.instance(f"{task}_24_5").data
    examples = [(pairs(row[:-2]), *row[-2:]) for row in data["examples"]]
    key = {
        question: set.intersection(
            *({key for key, _ in tokens} for tokens, asked, _ in examples if asked == question)
        )
        for question in range(SYMBOLS)
    }
    assert all(len(keys) == 1 for keys in key.values())
    assert len(set.union(*key.values())) == SYMBOLS

    def values(tokens: list[tuple[int, int]], question: int) -> list[int]:
        return [value for k, value in tokens if k in key[question]]

    meaning: dict[int, int] = {}
    for tokens, question, answer in examples:
        found = values(tokens, question)
        if len(found) == 1:
            assert meaning.setdefault(found[0], answer) == answer
    assert sorted(meaning) == sorted(meaning.values()) == list(range(SYMBOLS))
    value_of = {answer: value for value, answer in meaning.items()}
    above = {value: {value} for value in meaning}
    for tokens, question, answer in examples:
        for value in values(tokens, question):
            above[value].add(value_of[answer])

    def answer_to(tokens: list[tuple[int, int]], question: int) -> int:
        found = values(tokens, question)
        # Of the greatest value, fewest others were seen above.
        return meaning[found[-1] if task == "latest" else min(found, key=lambda v: len(above[v]))]

    if task == "greatest":
        assert sorted(map(len, above.values())) == list(range(1, SYMBOLS + 1))
    assert [answer_to(tokens, question) for tokens, question, _ in examples] == [
        answer for _, _, answer in examples
    ]
    asked = [(pairs(row[:-1]), row[-1]) for row in data["questions"]]
    assert all(len(tokens) == 24 for tokens, _ in asked)
    assert [answer_to(*each) for each in asked] == data["answers"]


def pairs(tokens: list[int]) -> list[tuple[int, int]]:
    return [divmod(token, SYMBOLS) for token in tokens]


def test_secrets_and_sequences_differ_between_instances() -> None:
    data = [problem.instance(name).data for name in problem.training]
    for part in ("examples", "questions", "answers", "initial"):
        assert len({str(each[part]) for each in data}) == len(data)


@pytest.mark.parametrize("task", TASKS)
def test_a_secret_is_the_same_at_every_length(task: str) -> None:
    short, long = (problem.instance(f"{task}_{length}_6").data for length in (24, 48))
    assert short["examples"] == long["examples"]
    assert short["questions"] != long["questions"]


def test_right_answers_are_all_that_is_not_visible() -> None:
    instance = problem.instance("latest_12_2")
    assert {**seen("latest_12_2").data, "answers": instance.data["answers"]} == instance.data


def test_what_draws_secrets_is_not_in_the_sandbox(tmp_path: Path) -> None:
    path = tmp_path / "stripped_attention.py"
    path.write_text(Path(attention.__file__).read_text())
    own = registry.load(str(path)).problem
    instance = Instance("x", own.visible(own.instance("greatest_12_0")))
    strip(own)
    assert not {"_instance", "_instances", "_Words", "score", "problem"} & set(
        own.construct.__globals__
    )
    after = own.construct(Interpreted(own.evolve), instance)
    assert np.array_equal(after, built(problem, logit, problem.instance("greatest_12_0")))


def test_even_attention_learns_little_and_the_gap_tells_which_key_is_the_latest() -> None:
    even = reached(problem, lambda qk, qq, kk, gap, n: 0 * qk, "latest_12_0")
    product = reached(problem, logit, "latest_12_0")
    assert even + 15 < product
    assert product + 15 < reached(problem, lambda qk, qq, kk, gap, n: qk - gap, "latest_12_0")


def test_what_depends_on_products_alone_does_not_mind_the_order_of_tokens() -> None:
    instance = seen("greatest_24_4")
    questions: Any = instance.data["questions"]
    other = {**instance.data, "questions": [[*row[-2::-1], row[-1]] for row in questions]}
    turned = built(problem, logit, Instance("turned", other))
    assert np.mean(turned == built(problem, logit, instance)) > 0.99


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_logits_that_are_not_finite_are_refused(value: float) -> None:
    def sometimes(qk: Any, qq: Any, kk: Any, gap: Any, n: int) -> Any:
        return np.where(gap == 3, value, qk)

    with pytest.raises(Invalid, match="NaN or infinite"):
        built(problem, sometimes, problem.instance("latest_12_0"))


@pytest.mark.parametrize("result", [0.0, np.zeros(12), np.zeros((2, 12)), [], None])
def test_logits_of_another_shape_are_refused(result: Any) -> None:
    with pytest.raises(Invalid, match="one number for each key"):
        built(problem, lambda qk, qq, kk, gap, n: result, problem.instance("latest_12_0"))


def test_a_candidate_that_writes_into_its_arguments_changes_no_others() -> None:
    def spoiling(qk: Any, qq: Any, kk: Any, gap: Any, n: int) -> Any:
        result = qk - gap
        for array in (qk, qq, kk, gap):
            array[:] = np.nan
        return result

    instance = problem.instance("latest_12_3")
    clean = built(problem, lambda qk, qq, kk, gap, n: qk - gap, instance)
    assert np.array_equal(built(problem, spoiling, instance), clean)


answers = st.lists(st.integers(-128, 127), max_size=6)


@given(answers)
def test_score_counts_right_answers_and_refuses_all_that_are_none(given: list[int]) -> None:
    instance = Instance("x", {"answers": [0, 7, 2]})
    certificate = np.array(given, dtype=np.int8)
    if len(given) != 3 or any(not 0 <= answer <= 7 for answer in given):
        with pytest.raises(Invalid):
            problem.score(instance, certificate)
    else:
        right = sum(map(int.__eq__, given, [0, 7, 2]))
        assert problem.score(instance, certificate) == 100 * right / 3


def test_the_checker_agrees_on_what_the_seed_answers(tmp_path: Path) -> None:
    instance = problem.instance("greatest_12_3")
    certificate = built(problem, logit, instance)
    score = problem.score(instance, certificate)
    assert check(tmp_path, problem, instance, certificate)[1].startswith(f"valid {score!r} ")
