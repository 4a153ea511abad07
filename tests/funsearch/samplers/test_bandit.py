"""The sampler `bandit`: who is asked, what it learns, and what is said of that."""

from __future__ import annotations

import asyncio
import json
import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funsearch.archive.archive import Archive
from funsearch.config import compose
from funsearch.learning import Outcome
from funsearch.prompts import Prompt
from funsearch.samplers.bandit import Bandit
from funsearch.samplers.protocol import Sample, SamplerError, Unavailable
from funsearch.samplers.tally import Tally, weigh
from tests.funsearch.helpers import (
    SEED,
    Answers,
    Pool,
    constant,
    loop_of,
    new_state,
    records_of,
    samples_of,
)
from tests.funsearch.helpers import settings as run_settings
from tests.funsearch.samplers.ensembles import Apt, Canned, outcome, prompt


def bandit(names: str = "ab", **settings: Any) -> Bandit:
    return Bandit(members={name: Canned() for name in names}, **settings)


class World:
    """What members really bring: how often a sample improves, and what is recorded of its cost."""

    def __init__(self, rates: Mapping[str, float], **costs: Mapping[str, Any]) -> None:
        self.rates, self.costs = rates, costs

    def verdict(self, draw: int, name: str) -> Outcome:
        better = random.Random(f"{draw} {name}").random() < self.rates[name]
        record = {key: of[name] for key, of in self.costs.items() if name in of}
        return outcome(draw, name, better=better, **record)

    def course(self, of: Bandit, draws: range, seed: int = 7) -> list[str]:
        """Return who answers, one prompt at a time."""
        chosen: list[str] = []
        for draw in draws:
            _, arms = of.choose(seed, draw)
            chosen.append(arms[0].name)
            of.learn(self.verdict(draw, chosen[-1]))
        return chosen


def answered(of: Bandit, draws: Sequence[int], count: int = 2) -> list[Sequence[Sample] | str]:
    """Have prompts answered, all at once; of those that could not be, say why."""

    async def run() -> list[Any]:
        await of.start()
        try:
            answers = (of.sample(prompt(draw), 7, count) for draw in draws)
            return await asyncio.gather(*answers, return_exceptions=True)
        finally:
            await of.close()

    found = asyncio.run(run())
    for each in found:
        if isinstance(each, BaseException) and not isinstance(each, Unavailable):
            raise each
    return [str(each) if isinstance(each, Unavailable) else each for each in found]


# Who is asked


@pytest.mark.parametrize("seed", range(2))
def test_the_member_that_improves_more_often_is_asked_more(seed: int) -> None:
    world = World({"a": 0.01, "b": 0.05, "c": 0.01})
    shares = Counter(world.course(bandit("abc", half_life=1e9), range(3000), seed))
    assert shares["b"] > 2000
    assert min(shares.values()) > 20, "each is tried now and then"


@pytest.mark.parametrize(
    ("measure", "costs"),
    [
        ("money", {"cost": {"a": "0.01", "b": "0.001"}}),
        ("tokens", {"completion_tokens": {"a": 1000, "b": 100}, "cost": {"a": "0.01"}}),
        ("seconds", {"seconds": {"a": 20.0, "b": 2.0}, "completion_tokens": {"b": 100}}),
    ],
)
def test_the_cheaper_of_two_that_improve_alike_is_asked_more(measure: str, costs: Any) -> None:
    world, of = World({"a": 0.04, "b": 0.03}, **costs), bandit(half_life=1e9)
    shares = Counter(world.course(of, range(1500)))
    assert shares["b"] > 1200
    assert of.choose(7, 1500)[0] == measure
    by_samples = bandit(cost="samples", half_life=1e9)
    assert Counter(world.course(by_samples, range(1500)))["a"] > shares["a"]
    assert by_samples.choose(7, 1500)[0] == "samples"


def test_a_member_that_got_worse_is_left_for_another() -> None:
    of = bandit(half_life=300.0)
    early = World({"a": 0.1, "b": 0.02}).course(of, range(1000))
    late = World({"a": 0.001, "b": 0.02}).course(of, range(1000, 3000))
    assert Counter(early)["a"] > 600
    assert Counter(late[1000:])["b"] > 600


def test_a_free_member_does_not_silence_one_that_costs() -> None:
    world = World({"free": 0.0001, "paid": 0.2}, cost={"free": "0", "paid": "0.02"})
    of = Bandit(members={"free": Canned(), "paid": Canned()}, half_life=1e9)
    assert Counter(world.course(of, range(3000)))["paid"] > 1000


def test_prompts_that_come_at_once_are_spread() -> None:
    answers = answered(bandit("abc"), range(30))
    shares = Counter(samples[0].sampler for samples in answers if not isinstance(samples, str))
    assert set(shares) == {"a", "b", "c"}
    assert max(shares.values()) - min(shares.values()) <= 1


def test_equals_are_chosen_by_seed_and_draw() -> None:
    firsts = [bandit("abcd").choose(7, draw)[1][0].name for draw in range(60)]
    assert set(firsts) == set("abcd")
    assert firsts == [bandit("abcd").choose(7, draw)[1][0].name for draw in range(60)]
    assert firsts != [bandit("abcd").choose(8, draw)[1][0].name for draw in range(60)]


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**63),
    st.lists(st.tuples(st.sampled_from("abx"), st.booleans(), st.integers(0, 10**6)), max_size=60),
    st.integers(0, 60),
)
def test_a_resumed_bandit_chooses_as_one_that_went_on(
    seed: int, verdicts: list[tuple[str, bool, int]], stop: int
) -> None:
    whole, parts = bandit(), bandit()
    for draw, (name, better, tokens) in enumerate(verdicts):
        if draw == stop:
            kept, parts = parts.memory(), bandit()
            parts.recall(kept)
        assert parts.choose(seed, draw) == whole.choose(seed, draw)
        for each in (whole, parts):
            each.learn(outcome(draw, name, better=better, prompt_tokens=tokens))
    assert parts.memory() == whole.memory()
    assert parts.choose(seed, 99) == whole.choose(seed, 99)


def test_a_long_course_is_the_same_after_a_resumption() -> None:
    world = World({"a": 0.02, "b": 0.05}, seconds={"a": 0.1, "b": 0.3})
    whole = world.course(bandit(), range(1200))
    first, second = bandit(), bandit()
    begun = world.course(first, range(700))
    second.recall(first.memory())
    assert begun + world.course(second, range(700, 1200)) == whole


# What is on record


def test_samples_say_what_was_known_when_their_member_was_chosen() -> None:
    of = bandit(cost="tokens", exploration=0.0)
    of.learn(outcome(0, "a", better=True, prompt_tokens=30, completion_tokens=10))
    of.learn(outcome(1, "b", completion_tokens=20))
    ((samples),) = answered(of, [2])
    assert [each.sampler for each in samples if isinstance(each, Sample)] == ["a", "a"]
    for each in samples:
        assert isinstance(each, Sample)
        assert each.parameters == {
            "own": 1,
            "bandit": "by tokens: a samples=0.9997 better=1 waiting=0 cost=40 bound=1; "
            "b samples=1 better=0 waiting=0 cost=20 bound=0",
        }


def test_samples_wait_until_their_verdicts_are_heard() -> None:
    of = bandit("a")
    answered(of, [0, 1], count=3)
    assert [arm.waiting for arm in of.choose(7, 2)[1]] == [6]
    for draw in (0, 0, 1, 0, 5):
        of.learn(outcome(draw, "a"))
    assert [arm.waiting for arm in of.choose(7, 2)[1]] == [2]


def test_hostile_names_are_escaped_and_the_record_stays_short() -> None:
    names = [f"{place}\x1b[31m" + "n" * 500 for place in range(16)]
    of = Bandit(members={name: Canned() for name in names})
    ((samples),) = answered(of, [0])
    assert isinstance(samples[0], Sample)
    told = samples[0].parameters["bandit"]
    assert isinstance(told, str)
    assert told.isprintable()
    assert len(told) < 2500


def test_a_run_learns_who_improves_and_its_records_say_so(tmp_path: Path) -> None:
    good = Answers(lambda draw, index: constant(2 * draw + index + 1))
    poor = Answers(lambda draw, index: constant(-2 * draw - index - 1))
    of = Bandit(members={"good": good, "poor": poor})

    async def run() -> None:
        with Archive.create(tmp_path / "run", "a: b\n") as archive:
            state = new_state(archive)
            of.meet(lambda _: False)
            state.learner = of
            await of.start()
            await loop_of(archive, state, Pool(), of, run_settings(samples=200)).run([SEED])

    asyncio.run(run())
    samples = samples_of(records_of(tmp_path / "run"))
    assert len(samples) == 200
    assert Counter(each.sampler for each in samples)["good"] > 150
    assert all(str(each.parameters["bandit"]).startswith("by ") for each in samples)
    last = samples[-1]
    assert f"{last.sampler} samples=" in str(last.parameters["bandit"])


def test_the_shipped_configuration_builds_it() -> None:
    of = compose(["sampler=bandit", "sampler.exploration=0.5"]).build("sampler")
    assert isinstance(of, Bandit)
    assert {arm.name for arm in of.choose(7, 0)[1]} == {"syntax", "local"}


# Members that are not available


def test_the_next_best_answers_for_one_that_is_not_available() -> None:
    down = Canned(raises=Unavailable("down", retry_after_s=3600.0))
    of = Bandit(members={"up": Canned(), "down": down}, exploration=0.0)
    of.learn(outcome(0, "up"))
    of.learn(outcome(1, "down", better=True))
    heard: list[tuple[int, str, str]] = []
    of.report_to(lambda prompt, failure: heard.append((prompt.draw, failure.sampler, str(failure))))

    async def run() -> list[Sequence[Sample]]:
        await of.start()
        first = await of.sample(prompt(2), 7, 1)
        down.raises = None
        return [first, await of.sample(prompt(3), 7, 1)]

    for (sample,) in asyncio.run(run()):
        assert sample.sampler == "up", "one that is away is not asked before it said"
        assert sample.parameters["bandit_instead_of"] == "down"
    assert heard == [(2, "down", "down")], "who is left alone does not fail again"
    assert [arm.waiting for arm in of.choose(7, 4)[1]] == [0, 2]


def test_one_that_said_when_to_come_back_is_asked_again_then() -> None:
    back = Canned(raises=Unavailable("a moment", retry_after_s=0.0))
    of = Bandit(members={"back": back, "up": Canned()}, exploration=0.0)
    of.learn(outcome(0, "back", better=True))
    of.learn(outcome(1, "up"))

    async def run() -> list[str]:
        await of.start()
        first = await of.sample(prompt(2), 7, 1)
        back.raises = None
        return [each.sampler for each in [*first, *await of.sample(prompt(3), 7, 1)]]

    assert asyncio.run(run()) == ["up", "back"]


def test_when_none_is_available_the_run_waits_for_the_first() -> None:
    away = {"a": Unavailable("no", retry_after_s=900.0), "b": Unavailable("never", 3600.0)}
    of = Bandit(members={name: Canned(raises=each) for name, each in away.items()})

    async def run() -> None:
        await of.start()
        await of.sample(prompt(0), 7, 1)

    with pytest.raises(Unavailable, match=r"(a: no; b: never)|(b: never; a: no)") as caught:
        asyncio.run(run())
    assert caught.value.retry_after_s is not None
    assert 800.0 < caught.value.retry_after_s <= 900.0
    assert [arm.waiting for arm in of.choose(7, 1)[1]] == [0, 0]


def test_a_prompt_that_is_cancelled_waits_for_nothing() -> None:
    class Slow(Canned):
        async def sample(self, prompt: Prompt, run_seed: int, count: int) -> Sequence[Sample]:
            entered.set()
            await asyncio.Event().wait()
            return []

    entered = asyncio.Event()
    of = Bandit(members={"slow": Slow()})

    async def run() -> None:
        await of.start()
        tasks = [asyncio.create_task(of.sample(prompt(draw), 7, 4)) for draw in range(2)]
        await entered.wait()
        assert [arm.waiting for arm in of.choose(7, 9)[1]] == [8]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())
    assert [arm.waiting for arm in of.choose(7, 9)[1]] == [0]


def test_a_member_that_never_will_answer_ends_the_run() -> None:
    class Broken(Canned):
        async def sample(self, prompt: Prompt, run_seed: int, count: int) -> Sequence[Sample]:
            raise SamplerError("no such model")

    with pytest.raises(SamplerError, match="no such model"):
        answered(Bandit(members={"broken": Broken()}), [0])


# Settings and memory


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"exploration": -1.0}, "exploration"),
        ({"exploration": float("nan")}, "exploration"),
        ({"half_life": 0.0}, "half_life"),
        ({"half_life": float("inf")}, "half_life"),
        ({"cost": "euros"}, "money, tokens, seconds, samples"),
        ({"names": ""}, "1 to 16"),
        ({"names": "abcdefghijklmnopq"}, "1 to 16"),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any], word: str) -> None:
    with pytest.raises(SamplerError, match=word):
        asyncio.run(bandit(**wrong).start())


def test_members_that_learn_hear_of_all_samples_and_remember() -> None:
    def make() -> Bandit:
        return Bandit(members={"a": Apt(), "b": Canned(), "c": Apt()})

    first, second = make(), make()
    first.meet(lambda _: True)
    for draw, name in enumerate("abcx"):
        first.learn(outcome(draw, name))
    second.recall(first.memory())
    assert second.memory() == first.memory()
    assert json.loads(json.loads(first.memory())["members"])["c"] == json.dumps(
        [["a", 0], ["b", 1], ["c", 2], ["x", 3]]
    )
    second.recall("")
    assert second.memory() == make().memory()


NUMBERS = [2.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.5]


@pytest.mark.parametrize(
    "memory",
    [
        "x",
        "[]",
        "[" * 100_000,
        "null",
        json.dumps({"members": ""}),
        json.dumps({"members": "", "tallies": {"a": NUMBERS}}),
        json.dumps({"members": 1, "tallies": {"a": NUMBERS, "b": NUMBERS}}),
        json.dumps({"members": "", "tallies": {"a": NUMBERS, "b": NUMBERS[1:]}}),
        json.dumps({"members": "", "tallies": {"a": NUMBERS, "b": [-1.0, *NUMBERS[1:]]}}),
        json.dumps({"members": "", "tallies": {"a": NUMBERS, "b": [0.5, *NUMBERS[1:]]}}),
        json.dumps({"members": "", "tallies": {"a": NUMBERS, "b": ["2", *NUMBERS[1:]]}}),
        json.dumps({"members": "", "tallies": {"a": NUMBERS, "b": [float("nan")] * 7}}),
        json.dumps({"members": "", "tallies": {"a": NUMBERS, "b": [float("inf")] * 7}}),
        json.dumps({"members": '{"a": ""}', "tallies": {"a": NUMBERS, "b": NUMBERS}}),
    ],
)
def test_what_is_no_memory_is_refused(memory: str) -> None:
    with pytest.raises(ValueError, match="is no memory of these samplers"):
        bandit().recall(memory)


# The bound


@given(st.integers(0, 400), st.integers(0, 400), st.floats(0.0, 4.0))
def test_the_bound_is_where_the_score_test_ends(better: int, others: int, rho: float) -> None:
    """Wilson's interval holds the shares that a test on the score does not reject."""
    tally = replace(Tally(), samples=float(better + others), better=float(better))
    _, (arm,) = weigh({"a": tally}, {"a": 0}, "samples", rho)
    z = (2.0 * rho * math.log(2.0 + better + others)) ** 0.5
    trials = better + others
    assert better / max(trials, 1) <= arm.bound + 1e-12 <= 1.0 + 1e-9
    if trials:
        wide = z * (arm.bound * max(0.0, 1.0 - arm.bound) / trials) ** 0.5
        assert arm.bound - better / trials == pytest.approx(wide, abs=1e-6)
