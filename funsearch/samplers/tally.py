"""What the sampler `bandit` counts of its members, and the bound it puts on each.

Arithmetic only: no clock, no randomness, nothing of a run but the verdicts it is told of.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass

from funsearch.learning import Outcome

MEASURES = ("money", "tokens", "seconds", "samples")
"""What a sample may be said to cost, the most telling first."""
_LEAST_COST = 0.01
"""Of the dearest member's cost: each sample is evaluated, so that none counts as cheaper."""


@dataclass
class Tally:
    """Sums over the verdicts on a member's samples, the older ones faded.

    Attributes:
        samples: with a verdict.
        better: those that scored better than all that their prompts showed.
        money, priced: US dollars, and how many samples have a known cost.
        tokens, counted: of prompts and answers, and how many samples say so.
        seconds: wall time of the requests they came with.
    """

    samples: float = 0.0
    better: float = 0.0
    money: float = 0.0
    priced: float = 0.0
    tokens: float = 0.0
    counted: float = 0.0
    seconds: float = 0.0

    def fade(self, factor: float) -> None:
        """Let all that was counted so far count less."""
        self.samples *= factor
        self.better *= factor
        self.money *= factor
        self.priced *= factor
        self.tokens *= factor
        self.counted *= factor
        self.seconds *= factor

    def add(self, outcome: Outcome) -> None:
        """Count one verdict."""
        sample = outcome.sample
        self.samples += 1.0
        self.better += outcome.better
        self.seconds += sample.seconds
        if sample.cost:
            self.money += float(sample.cost)
            self.priced += 1.0
        if sample.prompt_tokens is not None or sample.completion_tokens is not None:
            self.tokens += (sample.prompt_tokens or 0) + (sample.completion_tokens or 0)
            self.counted += 1.0

    def cost(self, measure: str) -> float | None:
        """Return the mean cost of a sample by one of `MEASURES`; None if it is not known.

        The mean is over the samples that say what they cost.
        """
        spent, of = {
            "money": (self.money, self.priced),
            "tokens": (self.tokens, self.counted),
            "seconds": (self.seconds, self.samples),
            "samples": (self.samples, self.samples),
        }[measure]
        return spent / of if of > 0.0 else None

    def numbers(self) -> Sequence[float]:
        """Return all sums, as `of` takes them."""
        return astuple(self)

    @classmethod
    def of(cls, numbers: Sequence[float]) -> Tally:
        """Return a tally with these sums.

        Raises:
            ValueError: no tally has them.
        """
        if type(numbers) is not list or len(numbers) != len(astuple(cls())):
            raise ValueError("is not the sums of a tally")
        if not all(type(each) is float and 0.0 <= each < math.inf for each in numbers):
            raise ValueError("is not the sums of a tally")
        tally = cls(*numbers)
        if tally.better > tally.samples:
            raise ValueError("has more improvements than samples")
        return tally


@dataclass(frozen=True)
class Arm:
    """What is known of a member when a prompt comes.

    Attributes:
        name: of the member.
        samples, better: with a verdict, and those of them that improved; older ones faded.
        waiting: samples that it was asked for and that have no verdict yet.
        cost: of a sample on average; None if not known yet.
        bound: by which members are compared.
    """

    name: str
    samples: float
    better: float
    waiting: int
    cost: float | None
    bound: float


def weigh(
    tallies: Mapping[str, Tally], waiting: Mapping[str, int], cost: str, exploration: float
) -> tuple[str, list[Arm]]:
    """Bound what each member may gain for what it costs.

    The bound is the upper end of Wilson's score interval for the share of samples that improve,
    over the mean cost of a sample, as a share of the dearest member's. The interval's width is
    z = √(2 · exploration · ln t) standard deviations after t samples. Improvements are rare, one
    sample in a hundred or fewer, and there the intervals of the older algorithms (UCB1, fractional
    KUBE, Budget-UCB) are so wide for thousands of samples that they tell nothing; Wilson's narrow
    with the share itself. This is ω-UCB (Heyden, Arzamasov, Fouché, Böhm, *Budgeted Multi-Armed
    Bandits with Asymmetric Confidence Intervals*, KDD 2024) but for these: the cost is the mean,
    not the lower end of an interval, because costs of one member differ by little; counts fade, as
    in discounted UCB (Garivier, Moulines, 2011), because improving gets harder; and samples that
    wait for a verdict count as if they had not improved, so that many chosen at once are spread.

    Args:
        tallies: of each member.
        waiting: samples that each was asked for and that have no verdict yet.
        cost: one of `MEASURES`, or `auto` for the first that is known of all members that were
            heard of.
        exploration: ω-UCB's ρ.

    Returns:
        The measure, and the members in the order of `tallies`.
    """
    measure = _measure(tallies.values()) if cost == "auto" else cost
    costs = {name: tally.cost(measure) for name, tally in tallies.items()}
    known = [each for each in costs.values() if each is not None]
    dearest = max(known, default=0.0)
    # One of unknown cost is tried, as if it were cheap.
    cheapest = min(known, default=0.0)
    total = sum(tally.samples for tally in tallies.values()) + sum(waiting.values())
    squared = 2.0 * exploration * math.log(2.0 + total)
    arms: list[Arm] = []
    for name, tally in tallies.items():
        own = costs[name]
        share = (cheapest if own is None else own) / dearest if dearest > 0.0 else 1.0
        bound = _upper(tally.better, tally.samples + waiting[name], squared)
        bound /= max(share, _LEAST_COST)
        arms.append(Arm(name, tally.samples, tally.better, waiting[name], own, bound))
    return measure, arms


def _measure(tallies: Iterable[Tally]) -> str:
    heard = [tally for tally in tallies if tally.samples > 0.0]
    for measure in MEASURES:
        if all(tally.cost(measure) is not None for tally in heard):
            return measure
    return MEASURES[-1]


def _upper(successes: float, trials: float, squared: float) -> float:
    """Return the upper end of Wilson's score interval; `squared` is the square of its z."""
    if trials <= 0.0:
        return 1.0
    spread = successes * (trials - successes) / trials + squared / 4.0
    return (successes + squared / 2.0 + math.sqrt(squared * spread)) / (trials + squared)
