"""The sampler `mix`: who answers, and what its members are owed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funsearch.samplers.mix import Member, Mix
from funsearch.samplers.protocol import Sample, SamplerError, Unavailable
from tests.funsearch.samplers.ensembles import Apt, Canned, outcome, prompt


def draws(mix: Mix, count: int, seed: int = 7) -> list[Sequence[Sample]]:
    async def run() -> list[Sequence[Sample]]:
        await mix.start()
        prompts = (prompt(draw) for draw in range(count))
        try:
            return await asyncio.gather(*(mix.sample(each, seed, 2) for each in prompts))
        finally:
            await mix.close()

    return asyncio.run(run())


def test_samples_carry_the_name_of_the_member_that_wrote_them() -> None:
    mix = Mix(members={"a": Member(Canned("from a")), "b": Member(Canned("from b"))})
    answers = draws(mix, 40)
    assert {(s.sampler, s.text) for samples in answers for s in samples} == {
        ("a", "from a"),
        ("b", "from b"),
    }
    assert all(len({s.sampler for s in samples}) == 1 for samples in answers)


def test_shares_follow_the_weights() -> None:
    mix = Mix(members={"a": Member(Canned(), 9.0), "b": Member(Canned(), 1.0)})
    shares = Counter(mix.member_of(7, draw) for draw in range(2000))
    assert 140 < shares["b"] < 260


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**32))
def test_who_answers_depends_on_seed_and_draw_alone(seed: int, draw: int) -> None:
    one = Mix(members={"a": Member(Canned("x"), 2.0), "b": Member(Canned(concurrency=5), 1.0)})
    two = Mix(members={"a": Member(Canned(), 4.0), "b": Member(Canned(raises=ValueError()), 2.0)})
    assert one.member_of(seed, draw) == two.member_of(seed, draw)


def test_a_member_is_never_given_more_prompts_than_it_takes() -> None:
    narrow, wide = Canned(concurrency=1), Canned(concurrency=4)
    mix = Mix(members={"narrow": Member(narrow), "wide": Member(wide)})
    assert mix.concurrency == 5
    draws(mix, 60)
    assert narrow.most == 1
    assert wide.most <= 4


def test_an_unavailable_member_is_not_replaced_by_another() -> None:
    outage = Unavailable("down", retry_after_s=3.0)
    mix = Mix(members={"a": Member(Canned()), "b": Member(Canned(raises=outage))})
    draw = next(draw for draw in range(99) if mix.member_of(7, draw) == "b")

    async def run() -> None:
        await mix.start()
        await mix.sample(prompt(draw), 7, 1)

    with pytest.raises(Unavailable) as caught:
        asyncio.run(run())
    assert caught.value.retry_after_s == 3.0


def test_a_member_without_weight_is_left_alone() -> None:
    idle = Canned(concurrency=9, raises=SamplerError("no key"))
    mix = Mix(members={"idle": Member(idle, 0.0), "busy": Member(Canned(), 1.0)})
    assert mix.concurrency == 1
    draws(mix, 20)
    assert idle.started == 0


def test_a_member_that_cannot_start_is_named_and_the_others_are_closed() -> None:
    good = Canned()
    mix = Mix(members={"good": Member(good), "bad": Member(Canned(raises=SamplerError("no key")))})
    with pytest.raises(SamplerError, match=r"^bad: no key$"):
        asyncio.run(mix.start())
    assert good.closed == 1


@pytest.mark.parametrize("weights", [{}, {"a": 0.0}, {"a": -1.0, "b": 2.0}, {"a": float("nan")}])
def test_weights_that_make_no_shares_are_refused(weights: dict[str, float]) -> None:
    mix = Mix(members={name: Member(Canned(), weight) for name, weight in weights.items()})
    with pytest.raises(SamplerError, match="weight"):
        asyncio.run(mix.start())


def test_members_that_learn_hear_of_all_samples_and_remember() -> None:
    def mix() -> tuple[Mix, list[Apt]]:
        apt = [Apt(), Apt(), Apt()]
        weights = {"a": (apt[0], 1.0), "b": (Canned(), 1.0), "c": (apt[1], 2.0), "d": (apt[2], 0.0)}
        return Mix(members={name: Member(*each) for name, each in weights.items()}), apt

    first, apt = mix()
    first.meet(lambda program: program == "known")
    first.recall("")
    for draw, name in enumerate("abcab"):
        first.learn(outcome(draw, name))
    heard = [["a", 0], ["b", 1], ["c", 2], ["a", 3], ["b", 4]]
    assert [each.heard for each in apt] == [heard, heard, []]
    assert apt[0].known("known")
    assert not apt[1].known("new")
    second, again = mix()
    second.recall(first.memory())
    assert [each.heard for each in again] == [heard, heard, []]
    second.recall("")
    assert not again[0].heard


@pytest.mark.parametrize(
    "memory", ["x", "[]", "1", '{"a": 1}', '{"a": ""}', '{"a": "[]", "b": ""}', "[" * 100_000]
)
def test_what_is_no_memory_is_refused(memory: str) -> None:
    mix = Mix(members={"a": Member(Apt()), "c": Member(Apt())})
    with pytest.raises(ValueError, match="memory"):
        mix.recall(memory)
    assert not Mix(members={"a": Member(Canned())}).memory()
