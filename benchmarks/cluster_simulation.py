"""A cluster of any size, simulated: what stops 10,000 evaluators and 1,000 samplers first.

A closed network. A sampler draws, thinks, submits, and draws again; the *driver*, one process with
one event loop, serves both calls, records each sample and its verdict, and hands evaluations to
Ray; evaluators are the other station. Samplers wait while the backlog is full, as they do for real.
All times are exponential, which is worse than most real ones.

The driver's times follow from two measured rates of `grpc_rate.py`: a draw and a submit of one
sample take 2 / calls_per_s, of 16 samples 16 / samples_per_s_by_16; between them it is linear.
What a hand-over to Ray takes is an argument, as are the times of models and evaluations.

Prints a JSON line for each number of samplers, and at last the first bottleneck: the station that
is busiest, which of its jobs takes most, the fewest samplers that keep it 90 % busy, and what the
driver can do at most.

Usage: cluster_simulation.py [FILE] [KEY=VALUE]...; FILE has the JSON lines of other benchmarks,
keys are those of `Figures`.
"""

from __future__ import annotations

import heapq
import json
import random
import sys
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

BUSY = 0.9
"""Utilisation from which a station is what limits."""
_ROUNDS = 6
"""Prompts that a sampler answers, on average, in a simulation."""


@dataclass(frozen=True)
class Figures:
    """What is simulated; times in seconds.

    Attributes:
        samplers, evaluators: how many.
        per_prompt: samples that answer one prompt.
        backlog: samples without a verdict from which on no prompt is handed out; answers to those
            that are out still come.
        think_s: of a sampler, for all samples of a prompt.
        evaluate_s: of one program.
        calls_per_s: unary calls, half of them durable submits of one sample.
        samples_per_s_by_16: samples, if 16 travel in one call.
        ray_call_s: of the driver's processor, for one batch.
        ray_batch: evaluations in one batch.
        samples: that are simulated at least; the first quarter is not counted.
        seed: of all randomness.
    """

    samplers: int = 1000
    evaluators: int = 10_000
    per_prompt: int = 4
    backlog: int = 40_000
    think_s: float = 10.0
    evaluate_s: float = 2.0
    calls_per_s: float = 351.0
    samples_per_s_by_16: float = 692.0
    ray_call_s: float = 0.001
    ray_batch: int = 8
    samples: int = 20_000
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated.

        Raises:
            ValueError: a figure is not positive, or the two rates contradict each other.
        """
        for field in fields(self):
            if field.name != "seed" and not getattr(self, field.name) > 0:
                raise ValueError(f"{field.name} must be more than 0")
        if self.backlog < self.per_prompt:
            raise ValueError("backlog must hold the samples of one prompt")
        if self.call_s <= 0 or self.sample_s <= 0:
            raise ValueError("samples_per_s_by_16 does not fit calls_per_s: no linear cost does")

    @property
    def sample_s(self) -> float:
        """What the driver does for one sample: reads, records, registers."""
        return (16 / self.samples_per_s_by_16 - 2 / self.calls_per_s) / 15

    @property
    def call_s(self) -> float:
        """What the driver does for a draw and a submit, however many samples they carry."""
        return 2 / self.calls_per_s - self.sample_s

    @property
    def demands(self) -> dict[str, float]:
        """Seconds that a prompt needs of the driver, by kind of work."""
        return {
            "grpc calls": self.call_s,
            "records": self.per_prompt * self.sample_s,
            "ray calls": self.per_prompt * self.ray_call_s / self.ray_batch,
        }

    @property
    def saturating_samplers(self) -> float:
        """Samplers at which the asymptotic bounds meet: with more, the driver is what limits."""
        demand = sum(self.demands.values())
        return (self.think_s + demand) / demand


@dataclass(frozen=True)
class Outcome:
    """What came out, once the beginning is over.

    Attributes:
        samples_per_s: evaluated.
        utilisation: station → share of its time that it is busy.
        work: kind of the driver's work → share of its time.
        waiting: samples waiting for an evaluator or in one, on average over submits.
    """

    samples_per_s: float
    utilisation: dict[str, float]
    work: dict[str, float]
    waiting: float

    @property
    def bottleneck(self) -> str:
        """The busiest station, and which work of the driver is most of it."""
        station = max(self.utilisation, key=lambda name: self.utilisation[name])
        if station != "driver":
            return station
        return f"driver: {max(self.work, key=lambda kind: self.work[kind])}"


class Clock:
    """Events in order of time; those of one moment in the order in which they were planned."""

    def __init__(self) -> None:
        """Begin at 0."""
        self.now = 0.0
        self._planned = 0
        self._events: list[tuple[float, int, Callable[[], None]]] = []

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        """Plan a call."""
        self._planned += 1
        heapq.heappush(self._events, (self.now + seconds, self._planned, call))

    def step(self) -> None:
        """Go to the next event."""
        self.now, _, call = heapq.heappop(self._events)
        call()


class Station:
    """Servers with one queue, first come, first served."""

    def __init__(self, clock: Clock, servers: int) -> None:
        """Begin idle."""
        self._clock, self.servers, self._free = clock, servers, servers
        self._queue: deque[tuple[str, float, Callable[[], None]]] = deque()
        self.busy_s: Counter[str] = Counter()

    def serve(self, kind: str, seconds: float, done: Callable[[], None]) -> None:
        """Do a job as soon as a server is free, and then call."""
        self._queue.append((kind, seconds, done))
        self._begin()

    def _begin(self) -> None:
        if self._free and self._queue:
            kind, seconds, done = self._queue.popleft()
            self._free -= 1
            self._clock.after(seconds, lambda: self._end(kind, seconds, done))

    def _end(self, kind: str, seconds: float, done: Callable[[], None]) -> None:
        self._free += 1
        self.busy_s[kind] += seconds  # type: ignore[assignment]
        done()
        self._begin()


class Network:
    """The cluster."""

    def __init__(self, figures: Figures) -> None:
        """Let all samplers begin to think, so that they do not all draw at once."""
        self.figures, self.clock = figures, Clock()
        self.driver = Station(self.clock, 1)
        self.evaluators = Station(self.clock, figures.evaluators)
        self._random = random.Random(figures.seed)
        self.evaluated = self.submits = self.waited = self._pending = 0
        self._held: deque[Callable[[], None]] = deque()
        for _ in range(figures.samplers):
            self._think()

    def _time(self, mean: float) -> float:
        return self._random.expovariate(1.0 / mean)

    def _think(self) -> None:
        self.clock.after(self._time(self.figures.think_s), self._submit)

    def _submit(self) -> None:
        """Hand in the samples of a prompt: half a call, the records, then the draw of the next."""
        demands = self.figures.demands
        driver = self.driver
        draw = demands["grpc calls"] / 2
        driver.serve(
            "grpc calls",
            self._time(draw),
            lambda: driver.serve("records", self._time(demands["records"]), self._recorded),
        )

    def _recorded(self) -> None:
        count = self.figures.per_prompt
        self._pending += count
        self.submits += 1
        self.waited += self._pending
        self.driver.serve("ray calls", self._time(self.figures.demands["ray calls"]), self._sent)
        self._held.append(self._think)
        self._admit()

    def _sent(self) -> None:
        for _ in range(self.figures.per_prompt):
            self.evaluators.serve("", self._time(self.figures.evaluate_s), self._evaluated)

    def _evaluated(self) -> None:
        self.evaluated += 1
        self._pending -= 1
        self._admit()

    def _admit(self) -> None:
        """Let samplers draw while there is room."""
        room = self.figures.backlog - self.figures.per_prompt
        while self._held and self._pending <= room:
            think = self._held.popleft()
            self.driver.serve(
                "grpc calls", self._time(self.figures.demands["grpc calls"] / 2), think
            )


def simulate(figures: Figures) -> Outcome:
    """Run a cluster, and say how busy each part was."""
    network = Network(figures)
    # Enough for every sampler to take part a few times.
    samples = max(figures.samples, _ROUNDS * figures.samplers * figures.per_prompt)
    while network.evaluated < samples // 4:
        network.clock.step()
    begin, evaluated = network.clock.now, network.evaluated
    driver, evaluators = network.driver, network.evaluators
    work, computing = Counter(driver.busy_s), Counter(evaluators.busy_s)
    submits, waited = network.submits, network.waited
    while network.evaluated < samples:
        network.clock.step()
    span = network.clock.now - begin
    shares = {kind: (driver.busy_s[kind] - work[kind]) / span for kind in driver.busy_s}
    busy = evaluators.busy_s.total() - computing.total()
    return Outcome(
        samples_per_s=(network.evaluated - evaluated) / span,
        utilisation={
            "driver": sum(shares.values()),
            "evaluators": busy / span / evaluators.servers,
        },
        work=shares,
        waiting=(network.waited - waited) / max(1, network.submits - submits),
    )


def bites_at(figures: Figures) -> int:
    """Return the fewest samplers that keep a station busy, be they more than there are."""

    def is_busy(samplers: int) -> bool:
        outcome = simulate(replace(figures, samplers=samplers))
        return max(outcome.utilisation.values()) >= BUSY

    high = 1
    while not is_busy(high):
        high *= 2
    low = high // 2 + 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_busy(middle) else (middle + 1, high)
    return low


def measured(lines: Sequence[str]) -> dict[str, float]:
    """Return the figures that JSON lines of benchmarks hold; the last one of each counts."""
    known = {field.name for field in fields(Figures)}
    found: dict[str, float] = {}
    for line in lines:
        told: Any = json.loads(line)
        found |= {
            key: value
            for key, value in told.items()
            if key in known and isinstance(value, (int, float)) and not isinstance(value, bool)
        }
    return found


def figures_of(arguments: Sequence[str]) -> Figures:
    """Return the figures that arguments ask for.

    Raises:
        ValueError: one is not a figure.
        OSError: a file cannot be read.
    """
    given: dict[str, float] = {}
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if equals:
            given[key] = float(value)
        else:
            given |= measured(Path(argument).read_text("utf-8").splitlines())
    usual = Figures()
    whole = {f.name for f in fields(Figures) if isinstance(getattr(usual, f.name), int)}
    unknown = given.keys() - {field.name for field in fields(Figures)}
    if unknown:
        raise ValueError(f"no figure is called {', '.join(sorted(unknown))}")
    chosen: dict[str, Any] = {k: int(v) if k in whole else v for k, v in given.items()}
    return replace(usual, **chosen)


def main(arguments: Sequence[str]) -> None:
    """Simulate more and more samplers, and name what stops them."""
    figures = figures_of(arguments)
    count = 1
    while count < figures.samplers:
        _tell(replace(figures, samplers=count))
        count *= 4
    outcome = _tell(figures)
    most = figures.per_prompt / sum(figures.demands.values())
    result = {
        "benchmark": "cluster_simulation",
        "evaluators": figures.evaluators,
        "samplers": figures.samplers,
        "samples_per_s": round(outcome.samples_per_s, 1),
        "bottleneck": outcome.bottleneck,
        "bites_at_samplers": bites_at(figures),
        "most_samples_per_s": round(most, 1),
        "evaluators_fed": round(min(figures.evaluators, most * figures.evaluate_s)),
        "bounds_meet_at_samplers": round(figures.saturating_samplers, 1),
        "driver_s_per_prompt": {k: round(v, 6) for k, v in figures.demands.items()},
    }
    print(json.dumps(result))


def _tell(figures: Figures) -> Outcome:
    outcome = simulate(figures)
    busy = {name: round(value, 4) for name, value in outcome.utilisation.items()}
    work = {name: round(value, 4) for name, value in sorted(outcome.work.items())}
    rate, waiting = round(outcome.samples_per_s, 1), round(outcome.waiting, 1)
    line = {"samplers": figures.samplers, "samples_per_s": rate, "waiting": waiting}
    print(json.dumps(line | {"busy": busy, "driver": work}), flush=True)
    return outcome


if __name__ == "__main__":
    main(sys.argv[1:])
