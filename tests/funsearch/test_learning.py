"""What a sampler hears of its samples: the same, live, read back, and from a kept state."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from funsearch import restoring, snapshot
from funsearch.archive.archive import Archive
from funsearch.archive.records import EvaluationRecord, GenerationRecord, Record
from funsearch.config import compose
from funsearch.learning import Learner, Outcome
from funsearch.state import SearchState
from tests.funsearch.helpers import CONDITIONS, digest

CONFIG = compose(["problem=cap_set", "problem.n=3", "search.reset_registrations=0"])


class Pupil:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.known: Callable[[str], bool] = lambda _: False

    def meet(self, known: Callable[[str], bool]) -> None:
        self.known = known

    def learn(self, outcome: Outcome) -> None:
        sample = outcome.sample
        self.heard.append(
            [sample.index, outcome.status, outcome.score, outcome.new, outcome.better, outcome.best]
        )

    def memory(self) -> str:
        return json.dumps(self.heard)

    def recall(self, memory: str) -> None:
        self.heard = json.loads(memory) if memory else []


def generation(index: int, name: int | None, parents: tuple[int, ...]) -> GenerationRecord:
    return GenerationRecord(
        program=None if name is None else digest(name),
        rejected="no code" if name is None else "",
        draw=index if parents else None,
        index=index,
        island=0 if parents else None,
        epoch=0,
        registrations=0,
        parents=tuple(map(digest, parents)),
        prompt=digest(1000) if parents else "",
        template=digest(1001) if parents else "",
        reply=digest(1002),
        sampler="pupil" if parents else "seed",
        model="m" if parents else "",
        prompt_tokens=10 if parents else None,
        completion_tokens=3 if parents else None,
        cost="0.002" if index % 2 else "",
        time="1.5",
    )


def evaluation(of: int, name: int | None, score: float | None, status: str = "ok") -> Record:
    return EvaluationRecord(
        generation=of,
        program=None if name is None else digest(name),
        status=status if score is None else "ok",
        conditions=CONDITIONS,
        reply=digest(1002) if name is None else "",
        score=score,
        scores={} if score is None else {"n=3": score},
        tier="interpreter" if name is not None and status != "rejected" else "",
        registered=score is not None,
        time="2.5",
    )


RECORDS: list[Record] = [
    generation(0, 0, ()),
    evaluation(0, 0, 4.0),
    generation(1, 1, (0,)),
    generation(2, None, (0,)),
    evaluation(3, None, None, "rejected"),
    evaluation(2, 1, 6.0),
    generation(3, 2, (0, 1)),
    evaluation(6, 2, 5.0),
    generation(4, 1, (0,)),
    evaluation(8, 1, None, "rejected"),
    generation(5, 3, (0,)),
    evaluation(10, 3, None, "crashed"),
    generation(6, 4, (0,)),
    evaluation(12, 4, None, "sandbox_error"),
    generation(7, 5, (0, 2)),
    evaluation(14, 5, 5.5),
]
HEARD = [
    [2, "rejected", None, False, False, False],
    [1, "ok", 6.0, True, True, True],
    [3, "ok", 5.0, True, False, False],
    [4, "rejected", None, False, False, False],
    [5, "crashed", None, True, False, False],
    [6, "sandbox_error", None, False, False, False],
    [7, "ok", 5.5, True, True, False],
]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive.create(tmp_path / "run", "a: b\n")
    archive.close()
    return archive


def state_of(archive: Archive, pupil: Pupil) -> SearchState:
    state = restoring.new_state(CONFIG, archive, pupil)
    state._length = lambda _: 10  # pyright: ignore[reportPrivateUsage]
    return state


def test_samples_are_told_of_in_the_order_of_verdicts(archive: Archive) -> None:
    pupil = Pupil()
    assert isinstance(pupil, Learner)
    state = state_of(archive, pupil)
    for number, record in enumerate(RECORDS):
        state.apply(number, record)
    assert pupil.heard == HEARD
    assert pupil.known(digest(3))
    assert not pupil.known(digest(9))
    assert (state.spending.tokens, state.spending.unpriced) == (7 * 13, 3)
    assert str(state.spending.cost) == "0.008"


@pytest.mark.parametrize("stop", range(0, len(RECORDS), 3))
def test_a_state_that_was_kept_remembers(archive: Archive, stop: int) -> None:
    first, second = Pupil(), Pupil()
    state = state_of(archive, first)
    for number, record in enumerate(RECORDS[:stop]):
        state.apply(number, record)
    kept = snapshot.dump(state, stop, "context\n")
    again = state_of(archive, second)
    assert snapshot.load(kept, again, "context\n") == stop
    assert again.spending == state.spending
    for number, record in enumerate(RECORDS[stop:], stop):
        again.apply(number, record)
    assert second.heard == HEARD


def test_a_memory_of_anybodys_is_no_reason_to_fail(archive: Archive) -> None:
    class Strict(Pupil):
        def recall(self, memory: str) -> None:
            super().recall(memory)
            if memory and not all(isinstance(item, list) for item in self.heard):
                raise ValueError("is no memory of a pupil's")

    class Forger(Pupil):
        def memory(self) -> str:
            return "[1]"

    kept = snapshot.dump(state_of(archive, Forger()), 0, "context\n")
    with pytest.raises(ValueError, match="no memory of a pupil's"):
        snapshot.load(kept, state_of(archive, Strict()), "context\n")


def test_the_sampler_of_another_configuration_does_not_take_a_kept_state(archive: Archive) -> None:
    search = restoring.new_state(CONFIG, archive).search
    other = replace(CONFIG, tree={**CONFIG.tree, "sampler": {"_target_": "another"}})
    assert snapshot.context_of(CONFIG, search) != snapshot.context_of(other, search)
