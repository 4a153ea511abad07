"""Attention: how a query scores keys, in a tiny transformer that learns a secret rule by example.

The evolved function takes the place of the dot product in the attention of Vaswani et al. (2017).
The tasks are variants of associative recall (Graves et al., Neural Turing Machines, 2014), our own
in detail. A certificate proves how many answers are right, not that they were learned.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from problems.contract import (
    Array,
    Candidate,
    Data,
    Instance,
    Invalid,
    Known,
    Limits,
    Metric,
    Problem,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SYMBOLS = 8
"""Different keys, values, questions, and answers: so many of each."""
WIDTH, HIDDEN = 16, 32
"""Components of the vectors between layers, and units of the hidden layer."""
EXAMPLES, QUESTIONS = 1024, 200
STEPS, BATCH, RATE = 150, 32, 0.01
"""Of the training: steps, examples in each, and the size of the first ones."""
LENGTH, LONGER = 12, (24, 48)
"""Of sequences: those of all examples and of training instances, and of held-out instances."""
NUDGE = 1e-4
"""By how much a product is changed to see what that does to the logit."""


def logit(qk: np.ndarray, qq: np.ndarray, kk: np.ndarray, gap: np.ndarray, n: int) -> np.ndarray:  # type: ignore[type-arg]
    """Return how much a query attends to each key: the logits, which softmax turns into weights.

    Small transformers with one attention head learn from examples which key a question asks for.
    Some are to answer with the value of the latest such key, others with the greatest of their
    values; one function serves all. The goal is many right answers, also for longer sequences.
    `qk`, `qq` and `kk` are the inner products query·key, query·query and key·key of learned
    vectors with 16 components; `gap` is how many places the key lies before the query, from 1 to
    `n`, and `n` is the number of keys. All but `n` are float arrays of one shape, (queries, n),
    and so is the result. Its entries must be finite, and each depend on the entries at its place
    alone, and smoothly, since the training follows its slope.
    """
    return qk


class Weights(NamedTuple):
    """What is learned: matrices that multiply rows from the right."""

    tokens: Floats
    questions: Floats
    to_query: Floats
    to_key: Floats
    to_value: Floats
    into_hidden: Floats
    out_of_hidden: Floats
    to_answer: Floats


class Sequences(NamedTuple):
    """What is read.

    Attributes:
        tokens: shape (sequences, n, 2 · SYMBOLS): of each, a one for its key and one for its value.
        questions: shape (sequences, SYMBOLS): a one for the question.
        gap: shape (n,): how many places before the question each token stands.
    """

    tokens: Floats
    questions: Floats
    gap: Floats


_SHAPES = (
    (2 * SYMBOLS, WIDTH),
    (SYMBOLS, WIDTH),
    *[(WIDTH, WIDTH)] * 3,
    (WIDTH, HIDDEN),
    (HIDDEN, WIDTH),
    (WIDTH, SYMBOLS),
)
_ENDS = np.cumsum([rows * columns for rows, columns in _SHAPES])
_NUDGES = NUDGE * np.array([[0, 1, -1, 0, 0, 0, 0], [0, 0, 0, 1, -1, 0, 0], [0, 0, 0, 0, 0, 1, -1]])
"""Of qk, qq and kk: none, and each one up and down while the others stay."""


def construct(candidate: Candidate, instance: Instance) -> NDArray[np.int8]:
    """Train on the examples, then answer the questions.

    Adam (Kingma and Ba, 2015) with rates 0.9 and 0.99 takes STEPS steps on the mean cross-entropy
    of one batch each, batches in the order of the examples, again from the start after the last.
    The size of steps stays the same for one half of them, and then goes down to zero in a line.
    Gradients are exact, except that the slopes of the logits are central differences. The answer
    is the one with the greatest output, ties to the lower one.

    Returns:
        int8 array, shape (questions,).
    """
    examples: Ints = np.array(instance.data["examples"])
    sequences, labels = encoded(examples[:, :-1]), np.eye(SYMBOLS)[examples[:, -1]]
    flat = initial(instance.data["initial"])  # type: ignore[arg-type]
    weights = shaped(flat)
    mean, square = np.zeros_like(flat), np.zeros_like(flat)
    for step in range(STEPS):
        batch = slice(step * BATCH % EXAMPLES, step * BATCH % EXAMPLES + BATCH)
        tokens, questions, gap = sequences
        part = Sequences(tokens[batch], questions[batch], gap)
        slope = gradient(candidate, weights, part, labels[batch])
        mean += 0.1 * (slope - mean)
        square += 0.01 * (slope * slope - square)
        size = RATE * min(1.0, 2 - 2 * step / STEPS) / (1 - 0.9 ** (step + 1))
        flat -= size * mean / (np.sqrt(square / (1 - 0.99 ** (step + 1))) + 1e-8)
    questions = encoded(np.array(instance.data["questions"]))
    return answered(candidate, weights, questions)


def encoded(rows: Ints) -> Sequences:
    """Return sequences that are rows of tokens, each `key · SYMBOLS + value`, and a question."""
    keys, values = np.divmod(rows[:, :-1], SYMBOLS)
    one = np.eye(SYMBOLS)
    n = keys.shape[1]
    tokens = np.concatenate([one[keys], one[values]], axis=2)
    return Sequences(tokens, one[rows[:, -1]], np.arange(n, 0, -1.0))


def initial(key: int) -> Floats:
    """Return all weights in a row: uniform, of variance 1/3 for symbols, 1/rows for the rest."""
    words = np.random.Philox(key=key).random_raw(int(_ENDS[-1]))
    uniform = (words >> np.uint64(11)).astype(np.float64) / 2**52 - 1
    widths = [1.0, 1.0, *((3 / rows) ** 0.5 for rows, _ in _SHAPES[2:])]
    return uniform * np.repeat(widths, np.diff(_ENDS, prepend=0))


def shaped(flat: Floats) -> Weights:
    """Return views of all weights."""
    parts = np.split(flat, _ENDS[:-1])
    return Weights(*(part.reshape(shape) for part, shape in zip(parts, _SHAPES, strict=True)))


def _products(w: Weights, read: Sequences, query: Floats) -> tuple[Floats, Floats]:
    """Return qk, qq and kk, shape (3, sequences, n), and the keys, (sequences, n, WIDTH)."""
    key_of = w.tokens @ w.to_key
    qk = (read.tokens @ (query @ key_of.T)[:, :, None])[:, :, 0]
    qq = np.broadcast_to((query * query).sum(axis=1, keepdims=True), qk.shape)
    key = read.tokens @ key_of
    return np.stack([qk, qq, np.einsum("snw,snw->sn", key, key)]), key


def _logits(candidate: Candidate, products: Floats, gap: Floats) -> Floats:
    """Return the logits, shape (queries, n), for products of shape (3, queries, n)."""
    qk, qq, kk = products
    result = candidate(qk, qq, kk, np.broadcast_to(gap, qk.shape).copy(), len(gap))
    logits = np.asarray(result, dtype=np.float64)
    if logits.shape != qk.shape:
        raise Invalid("the logits are not one number for each key")
    if not np.isfinite(logits).all():
        raise Invalid("a logit is NaN or infinite")
    return logits


def _softmax(rows: Floats) -> Floats:
    powers = np.exp(rows - rows.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def answered(candidate: Candidate, w: Weights, read: Sequences) -> NDArray[np.int8]:
    """Return the answers of the transformer, which are those that `gradient` makes likelier."""
    asked = read.questions @ w.questions
    products, _ = _products(w, read, asked @ w.to_query)
    attention = _softmax(_logits(candidate, products, read.gap))
    seen = (attention[:, None] @ read.tokens)[:, 0]
    middle = asked + seen @ (w.tokens @ w.to_value)
    last = middle + np.maximum(middle @ w.into_hidden, 0) @ w.out_of_hidden
    return (last @ w.to_answer).argmax(axis=1).astype(np.int8)


def gradient(candidate: Candidate, w: Weights, read: Sequences, labels: Floats) -> Floats:
    """Return the gradient of the mean cross-entropy with respect to all weights.

    Args:
        candidate: called once, for the products as they are and with each nudged up and down.
        w: the weights.
        read: the sequences.
        labels: shape (sequences, SYMBOLS): a one for the right answer.
    """
    size, n = read.tokens.shape[:2]
    asked = read.questions @ w.questions
    query = asked @ w.to_query
    products, key = _products(w, read, query)
    nudged = products[:, None] + _NUDGES[:, :, None, None]
    logits = _logits(candidate, nudged.reshape(3, -1, n), read.gap).reshape(7, size, n)
    slopes = (logits[1::2] - logits[2::2]) / (2 * NUDGE)
    attention = _softmax(logits[0])
    key_of, value_of = w.tokens @ w.to_key, w.tokens @ w.to_value
    seen = (attention[:, None] @ read.tokens)[:, 0]
    middle = asked + seen @ value_of
    hidden = np.maximum(middle @ w.into_hidden, 0)
    last = middle + hidden @ w.out_of_hidden

    # From here on d_a is the gradient with respect to a.
    d_output = (_softmax(last @ w.to_answer) - labels) / size
    d_last = d_output @ w.to_answer.T
    d_hidden = (d_last @ w.out_of_hidden.T) * (hidden > 0)
    d_middle = d_last + d_hidden @ w.into_hidden.T
    d_attention = (read.tokens @ (d_middle @ value_of.T)[:, :, None])[:, :, 0]
    d_logits = attention * (d_attention - (attention * d_attention).sum(axis=1, keepdims=True))
    d_qk, d_qq, d_kk = d_logits * slopes
    wanted = (d_qk[:, None] @ read.tokens)[:, 0]
    d_query = wanted @ key_of + 2 * d_qq.sum(axis=1, keepdims=True) * query
    d_key = 2 * d_kk[:, :, None] * key
    d_key_of = wanted.T @ query + read.tokens.reshape(-1, 2 * SYMBOLS).T @ d_key.reshape(-1, WIDTH)
    d_value_of = seen.T @ d_middle
    gradient = Weights(
        tokens=d_key_of @ w.to_key.T + d_value_of @ w.to_value.T,
        questions=read.questions.T @ (d_middle + d_query @ w.to_query.T),
        to_query=asked.T @ d_query,
        to_key=w.tokens.T @ d_key_of,
        to_value=w.tokens.T @ d_value_of,
        into_hidden=middle.T @ d_hidden,
        out_of_hidden=hidden.T @ d_last,
        to_answer=last.T @ d_output,
    )
    return np.concatenate([part.ravel() for part in gradient])


def score(instance: Instance, certificate: NDArray[np.int8]) -> float:
    """Return how many percent of the answers are right.

    That is all it says: whoever knows the answers can write them down without training anything.

    Args:
        instance: with the right answers.
        certificate: int8 array, shape (questions,).

    Raises:
        Invalid: it is not one answer for each question.
    """
    answers: Ints = np.array(instance.data["answers"])
    if len(certificate) != len(answers):
        raise Invalid(f"there are {len(certificate)} answers to {len(answers)} questions")
    if ((certificate < 0) | (certificate >= SYMBOLS)).any():
        raise Invalid(f"an answer is not from 0 to {SYMBOLS - 1}")
    return 100 * int(np.count_nonzero(certificate == answers)) / len(answers)


class _Words:
    """A stream of random numbers, made of the 64-bit words of Philox alone, which never change."""

    def __init__(self, task: int, number: int) -> None:
        self._philox = np.random.Philox(key=np.array([task, number], dtype=np.uint64))

    def below(self, limit: int, *shape: int) -> Ints:
        words = self._philox.random_raw(int(np.prod(shape)))
        return (words % np.uint64(limit)).astype(np.int64).reshape(shape)

    def permutation(self) -> Ints:
        return np.argsort(self._philox.random_raw(SYMBOLS), kind="stable")


TASKS = ("latest", "greatest")


def _instance(task: str, number: int, length: int) -> Data:
    """Draw a secret, examples of it, and questions about sequences of a length.

    The secret is three permutations: the question for each key, the ranks of values, and the
    answer that each value means. Every question asks for a key that occurs. The answer is the
    meaning of the value that stands with the latest of these keys, or of the one of highest rank
    that stands with any of them.
    """
    words = _Words(TASKS.index(task), number)
    question, ranks, meaning = (words.permutation() for _ in range(3))
    (initial,) = words.below(1 << 32, 1).tolist()

    def draw(count: int, n: int) -> tuple[Ints, Ints]:
        keys, values = words.below(SYMBOLS, count, n), words.below(SYMBOLS, count, n)
        row = np.arange(count)
        asked = keys[row, words.below(n, count)]
        order = np.arange(n) if task == "latest" else ranks[values]
        place = np.where(keys == asked[:, None], order, -1).argmax(axis=1)
        sequences = np.column_stack([keys * SYMBOLS + values, question[asked]])
        return sequences, meaning[values[row, place]]

    examples = np.column_stack(draw(EXAMPLES, LENGTH))
    questions, answers = draw(QUESTIONS, length)
    return {
        "examples": examples.tolist(),
        "initial": initial,
        "questions": questions.tolist(),
        "answers": answers.tolist(),
    }


@lru_cache(maxsize=1)
def _instances() -> Mapping[str, Data]:
    return {name: _instance(*parts) for name, parts in _NAMES.items()}


def _visible(instance: Instance) -> Data:
    return {name: value for name, value in instance.data.items() if name != "answers"}


_NAMES: Mapping[str, tuple[str, int, int]] = {
    f"{task}_{length}_{number}": (task, number, length)
    for length, numbers in ((LENGTH, range(4)), *((n, range(4, 8)) for n in LONGER))
    for task in TASKS
    for number in numbers
}
_TRAINING = [name for name, (_, _, length) in _NAMES.items() if length == LENGTH]

problem = Problem(
    name="attention",
    evolve=logit,
    construct=construct,
    score=score,
    metric=Metric(
        name="accuracy",
        unit="% of answers",
        bound={name: Known(100.0, "all answers are right") for name in _NAMES},
    ),
    certificate=Array("int8", ndim=1, max_elements=QUESTIONS),
    # A useful function takes 0.04 s for 12 tokens and 0.05 s for 48.
    limits=Limits(wall_s=10.0),
    instances=_instances,
    training=_TRAINING,
    held_out=[name for name in _NAMES if name not in _TRAINING],
    visible=_visible,
    self_design=True,
)
