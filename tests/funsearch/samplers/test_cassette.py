"""The sampler `cassette`: recorded replies come again, once each, and nothing is paid for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from funsearch.archive.archive import Archive
from funsearch.archive.records import GenerationRecord
from funsearch.learning import Outcome
from funsearch.samplers.cassette import Cassette
from funsearch.samplers.protocol import Sample, SamplerError, Usage
from funsearch.state import SearchState
from tests.funsearch.helpers import (
    SEED,
    Answers,
    Pool,
    constant,
    loop_of,
    new_state,
    records_of,
    samples_of,
    settings,
)


class Paid(Answers):
    """A model that is paid for, and answers some prompts with nothing."""

    async def sample(self, prompt: Any, run_seed: int, count: int) -> Sequence[Sample]:
        return [
            replace(
                sample,
                model="asked",
                served="served",
                parameters={"temperature": "0.5", "n": index},
                seed=prompt.draw,
                usage=Usage(11, 5),
                finish="stop",
                seconds=1.5,
                cost="0.25",
                error="" if sample.text else "the choice is empty",
            )
            for index, sample in enumerate(await super().sample(prompt, run_seed, count))
        ]


def text(draw: int, index: int) -> str:
    number = draw * 7 + index
    return "" if number % 5 == 0 else constant((draw * 37 + index * 11) % 100)


def search(folder: Path, sampler: Any, samples: int = 60, seed: int = 3) -> SearchState:
    """Make samples and judge them one at a time."""

    async def run() -> SearchState:
        await sampler.start()
        with Archive.create(folder, "") as archive:
            state = new_state(archive)
            if isinstance(sampler, Cassette):
                sampler.recall("")
                state.learner = sampler
            limits = settings(samples=samples, backlog=1, seed=seed)
            try:
                await loop_of(archive, state, Pool(slots=1), sampler, limits).run([SEED])
            finally:
                await sampler.close()
            return state

    return asyncio.run(run())


def of(folder: Path) -> list[GenerationRecord]:
    return samples_of(records_of(folder))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cassette") / "run"
    search(folder, Paid(text))
    return folder


def test_a_run_played_back_is_the_same_and_costs_nothing(recorded: Path, tmp_path: Path) -> None:
    state = search(tmp_path / "again", Cassette(run=str(recorded)))
    assert state.spending.tokens == state.spending.cost == state.spending.unpriced == 0
    first, again = of(recorded), of(tmp_path / "again")
    assert len(first) == len(again) == 60
    for one, other in zip(first, again, strict=True):
        assert other.sampler == "cassette"
        assert (other.cost, other.prompt_tokens, other.completion_tokens) == ("0", None, None)
        said = other.parameters
        assert (said["recorded_sampler"], said["recorded_cost"]) == ("answers", "0.25")
        assert (said["recorded_prompt_tokens"], said["recorded_completion_tokens"]) == (11, 5)
        kept = {name: said[name] for name in one.parameters}
        fields = {"sampler": "answers", "cost": "0.25", "prompt_tokens": 11, "time": one.time}
        assert replace(other, **fields, completion_tokens=5, parameters=kept) == one  # type: ignore[arg-type]


def test_a_recording_of_a_recording_says_what_the_first_one_was(
    recorded: Path, tmp_path: Path
) -> None:
    search(tmp_path / "second", Cassette(run=str(recorded)))
    search(tmp_path / "third", Cassette(run=str(tmp_path / "second")))
    for second, third in zip(of(tmp_path / "second"), of(tmp_path / "third"), strict=True):
        assert third.parameters["recorded_sampler"] == "answers"
        assert third.parameters["recorded_cost"] == "0.25"
        assert third.parameters["recorded_run"] != second.parameters["recorded_run"]


def test_strict_mode_ends_at_a_prompt_that_was_not_recorded(recorded: Path, tmp_path: Path) -> None:
    class Meddling(Cassette):
        async def sample(self, prompt: Any, run_seed: int, count: int) -> Sequence[Sample]:
            if prompt.draw == 7:
                prompt = replace(prompt, digest="ab" * 32)
            return await super().sample(prompt, run_seed, count)

    with pytest.raises(
        SamplerError, match=r"no reply to draw 7, prompt abababababab: .*sampler\.strict"
    ):
        search(tmp_path / "again", Meddling(run=str(recorded)))
    assert len(of(tmp_path / "again")) == 14


def test_without_strict_mode_every_reply_is_given_once_and_the_best_is_found(
    recorded: Path, tmp_path: Path
) -> None:
    first = search(tmp_path / "same", Cassette(run=str(recorded)))
    other = search(tmp_path / "again", Cassette(run=str(recorded), strict=False), seed=99)
    replies = [[record.reply for record in of(tmp_path / name)] for name in ("same", "again")]
    assert replies[0] == replies[1]
    assert first.best is not None
    assert other.best is not None
    assert first.best.score == other.best.score


@pytest.mark.parametrize("strict", [True, False])
def test_a_recording_that_has_ended_says_how_to_end_there(
    recorded: Path, tmp_path: Path, strict: bool
) -> None:
    with pytest.raises(SamplerError, match=r"no reply left for draw 30: .* run\.samples=60"):
        search(tmp_path / "again", Cassette(run=str(recorded), strict=strict), samples=62)
    assert len(of(tmp_path / "again")) == 60


def test_what_was_given_is_known_after_a_run_was_resumed(recorded: Path, tmp_path: Path) -> None:
    search(tmp_path / "again", Cassette(run=str(recorded), strict=False), samples=20)
    resumed, kept = Cassette(run=str(recorded)), Cassette(run=str(recorded))
    for sample in of(tmp_path / "again"):
        resumed.learn(Outcome(sample, "ok", 1.0, new=True, better=False, best=False))
    kept.recall(resumed.memory())
    assert kept.memory() == resumed.memory() == str([*range(10)])


@pytest.mark.parametrize("memory", ["{", "{}", "[1.5]", '["a"]', "[[1]]", "null"])
def test_a_memory_of_another_form_is_refused(memory: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Cassette(run="x").recall(memory)


def nothing(folder: Path) -> str:
    return ""


def missing(folder: Path) -> str:
    return str(folder / "nowhere")


def empty(folder: Path) -> str:
    search(folder / "empty", Answers(text), samples=0)
    return str(folder / "empty")


def damaged(folder: Path) -> str:
    search(folder / "damaged", Answers(text), samples=4)
    for file in (folder / "damaged/log").rglob("*"):
        if file.is_file() and ("entries" in str(file) or file.name == "journal"):
            file.write_bytes(file.read_bytes().replace(b"registrations", b"registrationz"))
    return str(folder / "damaged")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (nothing, "set sampler.run"),
        (missing, "there is no run"),
        (empty, "no samples to play back"),
        (damaged, "sampler.run: "),
    ],
)
def test_a_run_that_cannot_be_played_back_is_one_line_at_the_start(
    tmp_path: Path, make: Callable[[Path], str], says: str
) -> None:
    with pytest.raises(SamplerError, match=says) as caught:
        asyncio.run(Cassette(run=make(tmp_path)).start())
    assert "\n" not in str(caught.value)
