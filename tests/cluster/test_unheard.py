"""Samplers that learn, where no verdict reaches them."""

from __future__ import annotations

import asyncio

from cluster.client.unheard import Unheard
from evaluators.program import Program
from funsearch.prompts import Prompt, Shown, render
from funsearch.samplers.bandit import Bandit
from funsearch.samplers.syntax import Syntax
from tests.funsearch.helpers import PROBLEM, TEMPLATE


def _prompt(draw: int) -> Prompt:
    shown = Shown(Program("guess", "def guess(x):\n    return 0 + x"), 1.0, {"one": 1.0})
    return render(TEMPLATE, PROBLEM, draw, 0, 0, 1, [shown])


def test_a_bandit_without_verdicts_uses_all_members_and_keeps_nothing() -> None:
    async def notes() -> list[tuple[str, str]]:
        bandit = Bandit(members={"one": Syntax(), "other": Syntax()}, cost="samples")
        await bandit.start()
        unheard = Unheard(bandit, every=8)
        both = [
            asyncio.gather(*(unheard.sample(_prompt(2 * i + k), 0, 1) for k in (0, 1)))
            for i in range(16)
        ]
        found = [sample for pair in both for samples in await pair for sample in samples]
        await bandit.close()
        return [(sample.sampler, str(sample.parameters["bandit"])) for sample in found]

    said = asyncio.run(notes())
    assert {name for name, _ in said} == {"one", "other"}
    waiting = [int(word[8:]) for _, text in said for word in text.split() if "waiting=" in word]
    assert len(said) == 32
    assert max(waiting) <= 8
